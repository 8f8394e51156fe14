// A temporary home folder with a project in it, for tests.
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { until } from "../connection/until.fixture.ts";
import { freezeProject } from "./freeze.ts";
import type { FreezeOptions, FrozenProject } from "./frozen-project.ts";

/** A project whose folders are gone when it is disposed of. Paths given are relative to the project's root. */
export interface ProjectUnderTest extends Disposable {
  readonly home: string;
  /** `~/work/project`, without links on the way. */
  readonly root: string;
  /** `~/.cache/ml`; made by the first freeze. */
  readonly cacheDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Writes a file with the folders above it. */
  write(path: string, content?: string | Uint8Array, mode?: number): void;
  /** Runs Git in the project and gives what it printed. */
  git(...args: readonly string[]): string;
  /** Freezes as if nothing had been changed in the last minute, so that the cache is believed. */
  freeze(options?: Partial<FreezeOptions>): Promise<FrozenProject>;
  /** The paths of a snapshot of the project. */
  frozenPaths(options?: Partial<FreezeOptions>): Promise<readonly string[]>;
}

/** Makes an empty one. */
export function makeProject(): ProjectUnderTest {
  const home = realpathSync(mkdtempSync(join(tmpdir(), "fetchml-project-")));
  const root = join(home, "work", "project");
  const cacheDir = join(home, ".cache", "ml");
  const env = {
    PATH: process.env["PATH"],
    HOME: home,
    GIT_CONFIG_NOSYSTEM: "1",
    ...GIT_AUTHOR,
  };
  mkdirSync(root, { recursive: true });
  const project: ProjectUnderTest = {
    home,
    root,
    cacheDir,
    env,
    write(path, content = path, mode = 0o644) {
      const absolute = join(root, path);
      mkdirSync(dirname(absolute), { recursive: true });
      writeFileSync(absolute, content);
      chmodSync(absolute, mode);
    },
    git(...args) {
      const child = Bun.spawnSync(["git", ...args], { cwd: root, env });
      if (child.exitCode !== 0)
        throw new Error(`git ${args.join(" ")}: ${child.stderr.toString()}`);
      return child.stdout.toString();
    },
    async freeze(options = {}) {
      await passTick(home);
      // A minute ahead: what was written just now counts as long settled.
      const now = () => Date.now() + 60_000;
      const frozen = await freezeProject({
        root,
        projectFile: null,
        cacheDir,
        home,
        env,
        now,
        ...options,
      });
      frozen.remember();
      return frozen;
    },
    async frozenPaths(options) {
      const frozen = await project.freeze(options);
      return frozen.content().manifest.entries.map(({ path }) => path);
    },
    [Symbol.dispose]() {
      rmSync(home, { recursive: true, force: true });
    },
  };
  return project;
}

/** Who commits in tests. */
const GIT_AUTHOR = {
  GIT_AUTHOR_NAME: "alice",
  GIT_AUTHOR_EMAIL: "alice@example.org",
  GIT_COMMITTER_NAME: "alice",
  GIT_COMMITTER_EMAIL: "alice@example.org",
} as const;

/** Waits until what is written next has another time than what was written before; a few milliseconds. */
async function passTick(folder: string): Promise<void> {
  const probe = join(folder, "probe");
  const timeOfWrite = () => {
    writeFileSync(probe, "");
    return statSync(probe).ctimeMs;
  };
  const before = timeOfWrite();
  await until(() => timeOfWrite() > before);
}
