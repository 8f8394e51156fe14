// The setups that are kept: listed by their last use, and removed where nobody uses them.
import { type Dirent, existsSync, statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";

/** One setup that is kept for a user. */
export interface KeptSetup {
  readonly user: string;
  /** Absolute path of what it made. */
  readonly path: string;
  /** When an attempt last began to use it; epoch milliseconds. */
  readonly usedAt: number;
}

/** What is left of a setup. */
export interface SetupLeftover extends KeptSetup {
  /** Half made, and not half removed. Whoever makes it holds its lock for as long as it is there. */
  readonly isHalfMade: boolean;
}

/** All kept setups, longest unused first. */
export function listKeptSetups(dataDir: string): Promise<readonly KeptSetup[]> {
  return listNamed(dataDir, /^[0-9a-f]{32}$/);
}

/**
 * What a cancel, a power cut or a killed process has left half made or half removed. One may be made right now: that is
 * locked. Or removed: that is young.
 */
export async function listLeftovers(dataDir: string): Promise<readonly SetupLeftover[]> {
  const found = await listNamed(dataDir, /^[0-9a-f]{32}\.(?:new|removed)$/);
  return found.map((each) => ({ ...each, isHalfMade: each.path.endsWith(".new") }));
}

/**
 * Removes the locks of setups that came to nothing before a time, epoch milliseconds, unless an attempt holds them.
 *
 * @param path of PATH in which `flock` and `rm` are found.
 */
export async function removeLoneLocks(
  dataDir: string,
  before: number,
  path: string,
): Promise<void> {
  const setups = join(dataDir, "setups");
  for (const user of await folders(setups)) {
    const locks = (await readdir(join(setups, user))).filter((name) => LOCK.test(name));
    for (const lock of locks) {
      const setup = join(setups, user, lock.slice(0, -".lock".length));
      const madeAt = statSync(`${setup}.lock`, { throwIfNoEntry: false })?.mtimeMs ?? before;
      if (madeAt < before && !existsSync(setup)) await underLock(setup, ["true"], path);
    }
  }
}

const LOCK = /^[0-9a-f]{32}\.lock$/;

/**
 * Removes a kept setup and its lock, unless an attempt uses it or is making it.
 *
 * @param path of PATH in which `flock`, `mv`, `chmod` and `rm` are found.
 * @returns whether it is gone.
 */
export function removeKeptSetup(setup: KeptSetup, path: string): Promise<boolean> {
  return moveAway(setup.path, setup.path, path);
}

/**
 * Removes what {@link listLeftovers} found, unless an attempt makes or uses that setup.
 *
 * @param path of PATH in which `flock`, `mv`, `chmod` and `rm` are found.
 * @returns whether it is gone.
 */
export function removeLeftover({ path: place }: KeptSetup, path: string): Promise<boolean> {
  const setup = place.replace(/\.(?:new|removed)$/, "");
  return moveAway(setup, place, path);
}

async function listNamed(dataDir: string, pattern: RegExp): Promise<readonly KeptSetup[]> {
  const setups = join(dataDir, "setups");
  const found = await Promise.all(
    (await folders(setups)).map(async (user) =>
      (await folders(join(setups, user)))
        .filter((name) => pattern.test(name))
        .map((name) => kept(user, join(setups, user, name))),
    ),
  );
  return found
    .flat()
    .filter((setup) => setup !== null)
    .toSorted((a, b) => a.usedAt - b.usedAt);
}

/** Moves one of the folders of a setup aside under the setup's lock, and removes it then. */
async function moveAway(setup: string, from: string, path: string): Promise<boolean> {
  const doomed = `${setup}.removed`;
  const move = from === doomed ? ["true"] : ["mv", "-T", "--", from, doomed];
  if (from !== doomed) await remove(doomed, path);
  if (!(await underLock(setup, move, path))) return false;
  await remove(doomed, path);
  return !existsSync(doomed);
}

/**
 * Does something while nobody else has a setup's lock, and removes the lock then: an attempt that has waited for it sees that
 * and takes the next one. Answers whether it was done.
 */
async function underLock(
  setup: string,
  command: readonly string[],
  path: string,
): Promise<boolean> {
  const lock = `${setup}.lock`;
  const work = ["sh", "-c", 'lock=$1; shift; "$@" && rm -f -- "$lock"', "sh", lock, ...command];
  const child = Bun.spawn({
    cmd: ["flock", "--nonblock", "--exclusive", lock, ...work],
    env: { PATH: path },
    stdio: ["ignore", "ignore", "ignore"],
  });
  return (await child.exited) === 0;
}

/**
 * By the tools of the box: a setup can leave folders that even their owner may not write, and others of thousands of levels, of
 * which `rm` of Bun takes ten seconds for each 2,000.
 */
async function remove(folder: string, path: string): Promise<void> {
  for (const tool of [
    ["chmod", "-R", "u+rwX"],
    ["rm", "-r", "-f"],
  ]) {
    const child = Bun.spawn({
      cmd: [...tool, "--", folder],
      env: { PATH: path },
      stdio: ["ignore", "ignore", "ignore"],
    });
    await child.exited;
  }
}

function kept(user: string, path: string): KeptSetup | null {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? null : { user, path, usedAt: Math.round(stat.mtimeMs) };
}

async function folders(path: string): Promise<readonly string[]> {
  const entries: readonly Dirent[] = await readdir(path, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}
