// A property: whatever happens to a project, its cache never shows.
import { afterEach, beforeEach, expect } from "bun:test";
import {
  appendFileSync,
  chmodSync,
  lstatSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
} from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { needsSystem } from "../../../../e2e/system-tool.ts";
import { makeProject, type ProjectUnderTest } from "./project.fixture.ts";

let at: ProjectUnderTest;
beforeEach(() => {
  at = makeProject();
  at.git("init", "--quiet");
});
afterEach(() => at[Symbol.dispose]());

const PATHS = [
  "a",
  "b",
  "d/a",
  "d/b",
  "d/e/a",
  "f/a",
  "d/.gitignore",
  ".gitignore",
  ".mlignore",
  "f/.mlignore",
];

type Change = (path: string, other: string) => void;

/** Each does nothing where the file system does not allow it. */
const CHANGES: Readonly<Record<string, Change>> = {
  write: (path, other) => at.write(path, `${other}\n`),
  rules: (path, other) => at.write(path, `!a\n${other.slice(-1)}\n`),
  append: (path) => appendFileSync(join(at.root, path), "x"),
  backdate: (path) => utimesSync(join(at.root, path), 1, 1),
  swap: (path, other) => renameSync(join(at.root, path), join(at.root, other)),
  remove: (path) => rmSync(join(at.root, path)),
  "remove folder": (path) => rmSync(join(at.root, path, ".."), { recursive: true }),
  "toggle x": (path) => {
    const mode = statSync(join(at.root, path)).mode & 0o777;
    chmodSync(join(at.root, path), mode ^ 0o100);
  },
  link: (path, other) => symlinkSync(other.split("/").at(-1) ?? "", join(at.root, path)),
  track: (path) => void at.git("add", "--force", path),
  untrack: (path) => void at.git("rm", "--quiet", "--cached", path),
  exclude: (path, other) => at.write(".git/info/exclude", `${path}\n${other}\n`),
};

const step = fc.record({
  change: fc.constantFrom(...Object.keys(CHANGES)),
  path: fc.constantFrom(...PATHS),
  other: fc.constantFrom(...PATHS),
});

needsSystem("git")(
  "freezeProject() gives with its cache what it gives without, after any change",
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 8 }), async (steps) => {
        for (const name of readdirSync(at.root)) {
          if (name !== ".git") rmSync(join(at.root, name), { recursive: true });
        }
        for (const path of PATHS.slice(0, 6)) at.write(path);
        for (const { change, path, other } of steps) {
          try {
            const isRoot = lstatSync(join(at.root, path, "..")).ino === lstatSync(at.root).ino;
            if (change !== "remove folder" || !isRoot) CHANGES[change]?.(path, other);
          } catch {
            // There is nothing to change at that path just now.
          }
          const cached = await outcomeOf({});
          expect(cached).toEqual(await outcomeOf({ cacheDir: null }));
          expect(await outcomeOf({})).toEqual(cached);
        }
      }),
      { numRuns: 25 },
    );
  },
  60_000,
);

async function outcomeOf(options: { readonly cacheDir?: null }): Promise<unknown> {
  return at.freeze(options).then(
    (frozen) => ({ snapshot: frozen.snapshot, content: frozen.content() }),
    (error: unknown) => String(error),
  );
}
