// What the folders of an attempt take on the disk.
import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { attemptOf } from "./alive-attempts.ts";
import { unlockFolders, type Measuring } from "./unlock-folders.ts";

/** Where an attempt has put how much. */
export interface DiskUse {
  readonly usedBytes: number;
  /** The folder that holds most of it. */
  readonly most: string;
}

/** How often folders are unlocked, each time one level deeper, before the rest is left for the next measurement. */
const MOST_ROUNDS = 3;

/**
 * Measures `work`, `outputs` and `tmp` of an attempt and the checkpoints of its job, by `du`: a tree of a million files is no work
 * for the server's own thread. A file with two names counts once, one without a name does not. Folders that the job has locked are
 * unlocked where the server is no administrator; what it may not read even so is not counted. `null` when it cannot be told.
 *
 * @throws Error when the machine can start no process.
 */
export async function measureAttempt(
  control: string,
  measuring: Measuring,
): Promise<DiskUse | null> {
  const attempt = attemptOf(control);
  if (attempt === null) return null;
  const root = dirname(control);
  const checkpoints = join(dirname(dirname(root)), "checkpoints", String(attempt.jobId));
  const folders = [...FOLDERS.map((name) => join(root, "job", name)), checkpoints].map(straight);
  for (let round = 0; ; round += 1) {
    const measured = await runDu(folders, measuring);
    if (measured === null) return null;
    const { isWhole, text } = measured;
    const isLast = isWhole || process.geteuid?.() === 0 || round === MOST_ROUNDS;
    if (isLast || !(await unlockFolders(folders, measuring))) return useOf(text, folders);
  }
}

const FOLDERS = ["work", "outputs", "tmp"] as const;

/** Without links on the way to it, which an admin may have put there; what the job has put in its place is not followed. */
function straight(folder: string): string {
  try {
    return join(realpathSync(dirname(folder)), basename(folder));
  } catch {
    return folder;
  }
}

/** `null` when it was given up. */
async function runDu(
  folders: readonly string[],
  { path, signal }: Measuring,
): Promise<{ readonly text: string; readonly isWhole: boolean } | null> {
  const du = Bun.spawn({
    cmd: ["du", "-skx", ...folders],
    env: { PATH: path },
    stdio: ["ignore", "pipe", "ignore"],
    signal,
    killSignal: "SIGKILL",
  });
  const output = Promise.all([du.stdout.text(), du.exited]);
  const ended = await Promise.race([output, aborted(signal)]);
  if (ended === null) {
    du.unref();
    return null;
  }
  return { text: ended[0], isWhole: ended[1] === 0 };
}

function aborted(signal: AbortSignal): Promise<null> {
  const { promise, resolve } = Promise.withResolvers<null>();
  if (signal.aborted) resolve(null);
  signal.addEventListener("abort", () => resolve(null), { once: true });
  return promise;
}

function useOf(text: string, folders: readonly string[]): DiskUse | null {
  const sizes = text.split("\n").flatMap((line) => {
    const [size, folder = ""] = line.split("\t");
    const at = folders.indexOf(folder);
    return at === -1 ? [] : [{ bytes: Number(size) * 1024, name: FOLDERS[at] ?? "checkpoints" }];
  });
  const [largest] = sizes.toSorted((one, other) => other.bytes - one.bytes);
  if (largest === undefined) return null;
  return { usedBytes: sizes.reduce((sum, { bytes }) => sum + bytes, 0), most: largest.name };
}
