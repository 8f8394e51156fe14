// Removes the cgroups of attempts whose server was killed before it could: what a bench that is ended at once would leave for ever.
import { globSync, readdirSync, readFileSync, rmdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** How long a cgroup may be held by what was killed a moment ago. */
const PATIENCE_MS = 1_000;

/**
 * The cgroups of the attempts of all servers whose data folders lie below a folder. Only those are named that carry the data folder's own
 * number: what a copied data folder names is another server's.
 */
export function cgroupsOf(folder: string): readonly string[] {
  return globSync("**/data/attempts/*/control/cgroup", { cwd: folder }).flatMap((path) => {
    const record = join(folder, path);
    const dataDir = dirname(dirname(dirname(dirname(record))));
    const { dev, ino } = statSync(dataDir, { bigint: true });
    const [, cgroup] =
      /^(?:\d+|max) (?:\d+|max) \d+ (\/.+)$/m.exec(readFileSync(record, "utf8")) ?? [];
    const isOwn = cgroup !== undefined && basename(cgroup).startsWith(`${dev}.${ino}-`);
    return isOwn ? [cgroup] : [];
  });
}

/** Removes cgroups with those that jobs have made in them. Ends nothing: one that a process holds stays. */
export function removeCgroups(cgroups: readonly string[]): void {
  const deadline = performance.now() + PATIENCE_MS;
  for (const cgroup of cgroups) {
    while (!isRemoved(cgroup) && performance.now() < deadline) Bun.sleepSync(5);
  }
}

/** Whether it is gone. No file is ever removed: those of a cgroup go with it, and a folder that has others is none. */
function isRemoved(cgroup: string): boolean {
  try {
    for (const entry of readdirSync(cgroup, { withFileTypes: true })) {
      if (entry.isDirectory()) isRemoved(join(cgroup, entry.name));
    }
    rmdirSync(cgroup);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code !== "EBUSY";
  }
}
