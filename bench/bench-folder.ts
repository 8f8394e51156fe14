// The folder of a row at work: whose it is stands in it, so that the next bench knows what one that was killed has left.
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cgroupsOf, removeCgroups } from "./left-cgroups.ts";
import { processesOf } from "./leftovers.ts";

const PREFIX = "fetchml-bench-";

/** In the folder: pid and start time of the bench that made it. */
const OWNER = "owner";

/** Makes one in the system's temporary folder. */
export function makeBenchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), PREFIX));
  // Jobs of accounts of their own pass through.
  chmodSync(folder, 0o711);
  writeFileSync(join(folder, OWNER), `${process.pid} ${startOf(process.pid)}`);
  return folder;
}

/**
 * Removes the folders of benches that were killed, with the cgroups that their servers made, as far as no living process has to do with
 * them. A folder that does not say whose it is stays.
 */
export function removeLeftBenches(): void {
  for (const name of readdirSync(tmpdir())) {
    // As mkdtemp() names them, and no other folder of these tests.
    if (!/^fetchml-bench-\w{6}$/.test(name)) continue;
    const folder = join(tmpdir(), name);
    if (!isAbandoned(folder)) continue;
    removeCgroups(cgroupsOf(folder));
    rmSync(folder, { recursive: true, force: true });
  }
}

function isAbandoned(folder: string): boolean {
  try {
    if (statSync(folder).uid !== process.getuid?.()) return false;
    const [pid = "", start = ""] = readFileSync(join(folder, OWNER), "utf8").split(" ");
    return startOf(Number(pid)) !== start && processesOf(folder).length === 0;
  } catch {
    return false;
  }
}

/** When a process started, in ticks since boot, which tells it from a later one of the same number; empty when there is none. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // Fields are counted from the last bracket: the name before it may hold anything.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}
