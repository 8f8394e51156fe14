// What an admin types so that bubblewrap works, by what keeps it from it.
import { existsSync, readFileSync } from "node:fs";

/** One line for the admin. */
export function mendingAdvice(complaint: string): string {
  if (complaint === "missing") return "Type: sudo apt-get install bubblewrap";
  if (existsSync("/.dockerenv") || existsSync("/run/.containerenv")) {
    return "In a container: start it with --security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined";
  }
  const found = SWITCHES.find(({ file, blocks }) => setting(file) === blocks);
  if (found !== undefined) {
    const name = found.file.replaceAll("/", ".");
    return `Type: echo ${name}=${found.mend} | sudo tee /etc/sysctl.d/60-fetchml.conf && sudo sysctl --system`;
  }
  return 'If you trust everyone who gets a key, type "fetchml serve --sandbox none"; read SECURITY.md first.';
}

/** Switches of the kernel that forbid the namespaces of an account that is not root. */
const SWITCHES = [
  { file: "kernel/apparmor_restrict_unprivileged_userns", blocks: "1", mend: "0" },
  { file: "kernel/unprivileged_userns_clone", blocks: "0", mend: "1" },
  { file: "user/max_user_namespaces", blocks: "0", mend: "15000" },
] as const;

function setting(file: string): string | null {
  try {
    return readFileSync(`/proc/sys/${file}`, "utf8").trim();
  } catch {
    return null;
  }
}
