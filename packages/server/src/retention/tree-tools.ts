// Measures and removes folders that jobs could write, with the box's own tools and off the event loop.
import { lstat } from "node:fs/promises";

/**
 * What each of these files and folders takes on the disk, in bytes; what is not there, or cannot be looked into, is left out.
 * A file with two names counts once. Links are not followed. `du` does it, because it knows folders that are deeper than any
 * path may be long and those with millions of files, which a job may make to harm whoever lists them.
 *
 * @param unlock whether folders that their owner, who is the server, may not look into are opened for him first; without it
 *   they count as empty. Only where nobody else may write any more, and never where nothing may change.
 */
export async function measureTrees(
  paths: readonly string[],
  signal: AbortSignal,
  { unlock = false }: { readonly unlock?: boolean } = {},
): Promise<ReadonlyMap<string, number>> {
  const sizes = new Map<string, number>();
  for (let at = 0; at < paths.length; at += PATHS_A_CALL) {
    const some = await existing(paths.slice(at, at + PATHS_A_CALL));
    // Of no paths at all `du` measures the folder it runs in.
    if (some.length === 0) continue;
    const du = ["du", "-s", "-k", "--", ...some];
    let { code, output } = await runTool(du, signal);
    if (code !== 0 && unlock && process.geteuid?.() !== 0) {
      await unlockFolders(some, signal);
      ({ code, output } = await runTool(du, signal));
    }
    for (const line of output.split("\n")) {
      const tab = line.indexOf("\t");
      if (tab > 0) sizes.set(line.slice(tab + 1), Number(line.slice(0, tab)) * 1024);
    }
  }
  return sizes;
}

/** `du` fails for what is missing as it does for what is locked. */
async function existing(paths: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.allSettled(paths.map((path) => lstat(path)));
  return paths.filter((_, index) => found[index]?.status === "fulfilled");
}

/**
 * One after the other from above, as what lies in a locked folder is not known before it is open; each from the folder it lies
 * in, as its path may be longer than any program takes. Everything else keeps its mode.
 */
async function unlockFolders(paths: readonly string[], signal: AbortSignal): Promise<void> {
  const locked = ["-type", "d", "!", "-perm", "-u=rx"];
  await runTool(["find", ...paths, ...locked, "-execdir", "chmod", "u+rx", "{}", ";"], signal);
}

/**
 * Removes files and folders with all they hold, whatever their depth, number and modes; links are removed, not followed.
 * Resolves with whether nothing is left of them. Nobody else may write where they lie.
 */
export async function removeTrees(paths: readonly string[], signal: AbortSignal): Promise<boolean> {
  let isGone = true;
  for (let at = 0; at < paths.length; at += PATHS_A_CALL) {
    const some = paths.slice(at, at + PATHS_A_CALL);
    if (await succeeds(["rm", "-r", "-f", "--", ...some], signal)) continue;
    // A job may have taken the right to look into its folders away from its own account, which is the server's.
    await runTool(["chmod", "-R", "u+rwx", "--", ...some], signal);
    isGone = (await succeeds(["rm", "-r", "-f", "--", ...some], signal)) && isGone;
  }
  return isGone;
}

/** So that no list of arguments gets longer than the kernel takes. */
const PATHS_A_CALL = 500;

async function succeeds(command: readonly string[], signal: AbortSignal): Promise<boolean> {
  return (await runTool(command, signal)).code === 0;
}

async function runTool(
  command: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly code: number; readonly output: string }> {
  signal.throwIfAborted();
  const child = Bun.spawn({
    cmd: [...command],
    cwd: "/",
    env: { PATH: "/usr/bin:/bin", LC_ALL: "C" },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "ignore",
  });
  const end = (): void => child.kill("SIGKILL");
  signal.addEventListener("abort", end);
  try {
    const [output, code] = await Promise.all([new Response(child.stdout).text(), child.exited]);
    signal.throwIfAborted();
    return { code, output };
  } finally {
    signal.removeEventListener("abort", end);
  }
}
