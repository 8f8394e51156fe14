// The setups that are kept: listed by their last use, and removed where nobody uses them.
import { type Dirent, statSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/** One setup that is kept for a user. */
export interface KeptSetup {
  readonly user: string;
  /** Absolute path of what it made. */
  readonly path: string;
  /** When an attempt last began to use it; epoch milliseconds. */
  readonly usedAt: number;
}

/** All kept setups, longest unused first. */
export async function listKeptSetups(dataDir: string): Promise<readonly KeptSetup[]> {
  const setups = join(dataDir, "setups");
  const found = await Promise.all(
    (await folders(setups)).map(async (user) =>
      (await folders(join(setups, user)))
        .filter((name) => /^[0-9a-f]{32}$/.test(name))
        .map((name) => kept(user, join(setups, user, name))),
    ),
  );
  return found
    .flat()
    .filter((setup) => setup !== null)
    .toSorted((a, b) => a.usedAt - b.usedAt);
}

/**
 * Removes a kept setup, unless an attempt uses it or is making it.
 *
 * @param path of PATH in which `flock` and `mv` are found.
 * @returns whether it is gone.
 */
export async function removeKeptSetup(setup: KeptSetup, path: string): Promise<boolean> {
  const doomed = `${setup.path}.removed`;
  const command = [
    "flock",
    "--nonblock",
    "--exclusive",
    `${setup.path}.lock`,
    "mv",
    "-T",
    "--",
    setup.path,
    doomed,
  ];
  await remove(doomed, path);
  const child = Bun.spawn({
    cmd: command,
    env: { PATH: path },
    stdio: ["ignore", "ignore", "ignore"],
  });
  if ((await child.exited) !== 0) return false;
  await remove(doomed, path);
  return true;
}

/** A setup can leave folders that even their owner may not write. */
async function remove(folder: string, path: string): Promise<void> {
  const chmod = Bun.spawn({
    cmd: ["chmod", "-R", "u+rwX", "--", folder],
    env: { PATH: path },
    stdio: ["ignore", "ignore", "ignore"],
  });
  await chmod.exited;
  await rm(folder, { recursive: true, force: true });
}

function kept(user: string, path: string): KeptSetup | null {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? null : { user, path, usedAt: Math.round(stat.mtimeMs) };
}

async function folders(path: string): Promise<readonly string[]> {
  const entries: readonly Dirent[] = await readdir(path, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}
