// Groups of the server's account through which a job would be root, sandbox or not.
import { readFileSync } from "node:fs";

/** Names of such groups that this process is in; none where it is root, which drops them for its jobs. */
export function powerfulGroups(): readonly string[] {
  if (process.geteuid?.() === 0) return [];
  const own = new Set(process.getgroups?.() ?? []);
  try {
    return namesOf(readFileSync("/etc/group", "utf8"), own);
  } catch {
    return [];
  }
}

/** The powerful ones among these groups, by the text of `/etc/group`. */
export function namesOf(groupFile: string, gids: ReadonlySet<number>): readonly string[] {
  return groupFile
    .split("\n")
    .map((line) => line.split(":"))
    .filter(([name = "", , gid]) => POWERFUL.has(name) && gids.has(Number(gid)))
    .map(([name = ""]) => name);
}

const POWERFUL = new Set([
  "docker",
  "sudo",
  "wheel",
  "lxd",
  "incus-admin",
  "disk",
  "libvirt",
  "root",
]);
