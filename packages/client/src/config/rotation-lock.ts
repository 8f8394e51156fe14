// One rotation of a config's key at a time: of two that write at once, one would lose the key that the server has accepted.
import { lstatSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { FetchmlError } from "@fetchml/protocol";
import { configPath } from "./config-path.ts";
import { linkTarget } from "./link-target.ts";
import type { ConfigSurroundings } from "./surroundings.ts";

/** The right to rotate, held. */
export interface RotationLock extends Disposable {
  /** Gives it back. Safe twice. */
  [Symbol.dispose](): void;
}

/** Longer than a rotation takes, its time limits included; then a lock is left over whatever its number says. */
const LONGEST_MS = 120_000;

/**
 * Takes the lock, a file beside the config. The lock of a process that has died is taken over.
 *
 * @returns `null` when another process holds it
 * @throws FetchmlError `bad-file` when nothing can be written beside the config
 */
export function lockRotation(surroundings: ConfigSurroundings): RotationLock | null {
  const config = configPath(surroundings);
  const path = `${linkTarget(config.file)}.rotating`;
  try {
    if (!create(path)) {
      removeLeftOver(path);
      if (!create(path)) return null;
    }
  } catch (error) {
    const why = codeOf(error) ?? String(error);
    throw new FetchmlError(
      "bad-file",
      `Cannot write beside the config ${config.shown}: ${why}.\nNothing was changed.`,
      { cause: error },
    );
  }
  let isHeld = true;
  return {
    [Symbol.dispose]() {
      if (isHeld) rmSync(path, { force: true });
      isHeld = false;
    },
  };
}

/** How long others may hold the lock before whoever waits for it gives up, and how often that one looks. */
const PATIENCE_MS = 10_000;
const LOOK_EVERY_MS = 20;

/**
 * Does the work while no rotation of the config's key can be under way; waits for one that is.
 *
 * @param patienceMs for how long it waits
 * @throws FetchmlError `conflict` when one goes on for longer; `bad-file` as {@link lockRotation}
 */
export async function whileNotRotating<T>(
  surroundings: ConfigSurroundings,
  work: () => T,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  using lock = await waitForLock(surroundings, patienceMs);
  if (lock !== null) return work();
  throw new FetchmlError(
    "conflict",
    "Nothing was changed: another command is rotating the key of this config.\nWait a moment, then try again.",
  );
}

async function waitForLock(
  surroundings: ConfigSurroundings,
  patienceMs: number,
): Promise<RotationLock | null> {
  for (let waitedMs = 0; ; waitedMs += LOOK_EVERY_MS) {
    const lock = lockRotation(surroundings);
    if (lock !== null || waitedMs >= patienceMs) return lock;
    await Bun.sleep(LOOK_EVERY_MS);
  }
}

/** Whether it was not there and is now ours. */
function create(path: string): boolean {
  try {
    writeFileSync(path, String(process.pid), { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    // Made, but not written: nobody could tell whose it is.
    if (codeOf(error) !== "EACCES") rmSync(path, { force: true });
    throw error;
  }
}

/** Only one of several processes that find the same left-over lock may remove it, else it would remove the next one's. */
function removeLeftOver(path: string): void {
  if (!isLeftOver(path)) return;
  const clearing = `${path}.clearing`;
  if (isLeftOver(clearing)) rmSync(clearing, { force: true });
  if (!create(clearing)) return;
  try {
    if (isLeftOver(path)) rmSync(path, { force: true });
  } finally {
    rmSync(clearing, { force: true });
  }
}

function isLeftOver(path: string): boolean {
  const madeAt = lstatSync(path, { throwIfNoEntry: false })?.mtimeMs;
  if (madeAt === undefined) return false;
  if (Date.now() - madeAt > LONGEST_MS) return true;
  const pid = Number(readIfThere(path));
  // It is being written just now.
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return codeOf(error) === "ESRCH";
  }
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
