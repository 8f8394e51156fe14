// Gives the server back the right to look into folders that a job has taken it from, where both are the same account.
import { chmodSync, closeSync, constants, fstatSync, openSync, readlinkSync } from "node:fs";
import { sep } from "node:path";

/** What measuring takes. */
export interface Measuring {
  /** Where `du` and `find` are looked for. */
  readonly path: string;
  /** Gives it up: what has been started is killed, and not waited for. */
  readonly signal: AbortSignal;
}

/**
 * Finds folders that their owner may not read or enter, at any depth that can be reached, and lets him.
 *
 * @param folders absolute, and without a link on the way to them.
 * @returns whether there were any: there may be more below.
 */
export async function unlockFolders(
  folders: readonly string[],
  { path, signal }: Measuring,
): Promise<boolean> {
  const program = Bun.which("find", { PATH: path });
  if (program === null) return false;
  const find = Bun.spawn({
    cmd: [program, ...folders, "-xdev", "-type", "d", "!", "-perm", "-500", "-print0"],
    env: { PATH: path },
    stdio: ["ignore", "pipe", "ignore"],
    signal,
    killSignal: "SIGKILL",
  });
  const found = (await find.stdout.text()).split("\0").slice(0, -1);
  const unlocked = found.filter((folder) => unlock(folder, folders));
  return unlocked.length > 0 && !signal.aborted;
}

/** The job may put a link in its place at any moment: so it is taken hold of, and only then looked where it lies. */
function unlock(folder: string, folders: readonly string[]): boolean {
  try {
    const held = openSync(folder, O_PATH | constants.O_NOFOLLOW | constants.O_DIRECTORY);
    try {
      const place = `/proc/self/fd/${held}`;
      const lies = readlinkSync(place);
      if (!folders.some((each) => lies === each || lies.startsWith(each + sep))) return false;
      chmodSync(place, (fstatSync(held).mode & ALL_MODES) | constants.S_IRUSR | constants.S_IXUSR);
      return true;
    } finally {
      closeSync(held);
    }
  } catch {
    // It is gone by now, or somebody else's.
    return false;
  }
}

// open(2) of Linux; Node and Bun have no name for it. The same number on x64 and arm64.
const O_PATH = 0o10000000;

const ALL_MODES = 0o7777;
