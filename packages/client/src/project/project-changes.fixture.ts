// Things that may happen to a project between two looks at it, for properties.
import {
  appendFileSync,
  chmodSync,
  existsSync,
  lstatSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import * as fc from "fast-check";
import type { ProjectUnderTest } from "./project.fixture.ts";

/** One thing that happens, if it can. */
export interface Step {
  readonly change: string;
  readonly path: string;
  readonly other: string;
}

/** Steps over a few paths, so that they meet. `ownRules`: also `.mlignore` files come and go; `inside`: also repositories do. */
export function anyStep({
  ownRules,
  inside = false,
}: {
  readonly ownRules: boolean;
  readonly inside?: boolean;
}): fc.Arbitrary<Step> {
  const path = fc.constantFrom(...FILES, ...GIT_RULES, ...(ownRules ? OWN_RULES : []));
  const changes = Object.keys(CHANGES).filter((name) => inside || !name.endsWith("inside"));
  return fc.record({ change: fc.constantFrom(...changes), path, other: path });
}

/** Makes the project what every run begins with. */
export function startAnew(at: ProjectUnderTest): void {
  for (const name of readdirSync(at.root)) rmSync(join(at.root, name), { recursive: true });
  at.git("init", "--quiet", "--initial-branch=main");
  for (const path of FILES) at.write(path);
}

/** Does a step; nothing where the file system or Git does not allow it. */
export function take(at: ProjectUnderTest, { change, path, other }: Step): void {
  try {
    const isRoot = lstatSync(join(at.root, path, "..")).ino === lstatSync(at.root).ino;
    if (change !== "remove folder" || !isRoot) CHANGES[change]?.(at, path, other);
  } catch {
    // There is nothing to change at that path just now.
  }
}

const FILES = ["a", "b", "d/a", "d/b", "d/e/a", "f/a"];
const GIT_RULES = ["d/.gitignore", ".gitignore"];
const OWN_RULES = [".mlignore", "f/.mlignore"];

type Change = (at: ProjectUnderTest, path: string, other: string) => void;

const CHANGES: Readonly<Record<string, Change>> = {
  write: (at, path, other) => at.write(path, `${other}\n`),
  "write as at first": (at, path) => at.write(path),
  rules: (at, path, other) => at.write(path, `!a\n${other.slice(-1)}\n`),
  append: (at, path) => appendFileSync(join(at.root, path), "x"),
  backdate: (at, path) => utimesSync(join(at.root, path), 1, 1),
  swap: (at, path, other) => renameSync(join(at.root, path), join(at.root, other)),
  remove: (at, path) => rmSync(join(at.root, path)),
  "remove folder": (at, path) => rmSync(join(at.root, path, ".."), { recursive: true }),
  "toggle x": (at, path) => {
    const mode = statSync(join(at.root, path)).mode & 0o777;
    chmodSync(join(at.root, path), mode ^ 0o100);
  },
  link: (at, path, other) => symlinkSync(other.split("/").at(-1) ?? "", join(at.root, path)),
  track: (at, path) => void at.git("add", "--force", path),
  untrack: (at, path) => void at.git("rm", "--quiet", "--cached", path),
  exclude: (at, path, other) => at.write(".git/info/exclude", `${path}\n${other}\n`),
  commit: (at) => void at.git("commit", "--quiet", "--allow-empty", "-m", "next"),
  "commit all": (at) => {
    at.git("add", "--all");
    at.git("commit", "--quiet", "--allow-empty", "-m", "all");
  },
  "back by one commit": (at) => void at.git("reset", "--quiet", "--soft", "HEAD~1"),
  "begin inside": (at, path) => void at.git("init", "--quiet", dirname(path)),
  "track inside": (at, path) =>
    void at.git("-C", dirname(path), "add", "--force", relative(dirname(path), path)),
  "untrack inside": (at, path) =>
    void at.git("-C", dirname(path), "rm", "--quiet", "--cached", relative(dirname(path), path)),
  "commit inside": (at) => void at.git("-C", "d", "commit", "--quiet", "--all", "-m", "next"),
  "exclude inside": (at, path, other) => {
    const folder = existsSync(join(at.root, dirname(path), ".git")) ? dirname(path) : "d";
    if (existsSync(join(at.root, folder, ".git")))
      at.write(`${folder}/.git/info/exclude`, other.slice(-1));
  },
  "another branch": (at) => void at.git("checkout", "--quiet", "-B", "other"),
};
