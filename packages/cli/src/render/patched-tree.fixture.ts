// Trees on disk, and what the real `git apply` makes of them, for tests.
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { comparePaths, type Manifest, type ManifestEntry } from "@fetchml/protocol";
import * as fc from "fast-check";
import { filePatch } from "../diff/file-patch.ts";
import { compareTrees } from "../diff/tree-changes.ts";
import { NO_COLOURS } from "./palette.ts";
import { patchBytes } from "./patch-text.ts";

/** Content as latin1, so that any bytes are text. */
export type Thing =
  | { readonly kind: "file"; readonly content: string; readonly executable: boolean }
  | { readonly kind: "link"; readonly target: string };

/** Things by path; none lies below another. */
export type PatchedTree = Readonly<Record<string, Thing>>;

/** Names in one folder, some of them such as no project may have. */
export const anyName: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    "a",
    "b",
    "a b",
    " a",
    "a ",
    "-o",
    "--",
    'q"t',
    "it's",
    "tab\there",
    "line\nfeed",
  ),
  fc.constantFrom("ünï", "e\u0301", "🎉", "back\\slash", "\u202eevil", "\u2028", "\u007f", "b "),
  fc.string({
    unit: fc.constantFrom(...Array.from("ab \t\n\"\\'-é漢")),
    minLength: 1,
    maxLength: 6,
  }),
);

/** The patch as `ml diff` writes it, without colours; to a pipe, unless told otherwise. */
export function patchBetween(
  before: PatchedTree,
  after: PatchedTree,
  { isTerminal } = { isTerminal: false },
): Buffer {
  const contents = { before: contentsOf(before), after: contentsOf(after) };
  const changes = compareTrees(manifestOf(before), manifestOf(after));
  const look = { palette: NO_COLOURS, isTerminal };
  return Buffer.concat(changes.map((change) => patchBytes(filePatch(change, contents), look)));
}

/** Applies a patch in a folder. What Git says when it refuses, else `null`; an empty patch is none. */
export function gitApply(root: string, patch: Buffer, options: readonly string[]): string | null {
  if (patch.length === 0) return null;
  const { exitCode, stderr } = Bun.spawnSync(["git", "apply", "--whitespace=nowarn", ...options], {
    cwd: root,
    stdin: patch,
    stdout: "ignore",
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: root,
      GIT_CONFIG_NOSYSTEM: "1",
      // A repository further up is none of its business.
      GIT_CEILING_DIRECTORIES: dirname(root),
    },
  });
  return exitCode === 0 ? null : stderr.toString();
}

/** Writes the tree into a folder that is there. */
export function writePatched(root: string, tree: PatchedTree): void {
  for (const [path, thing] of Object.entries(tree)) {
    const place = join(root, path);
    mkdirSync(dirname(place), { recursive: true });
    if (thing.kind === "link") symlinkSync(thing.target, place);
    else {
      writeFileSync(place, Buffer.from(thing.content, "latin1"));
      chmodSync(place, thing.executable ? 0o755 : 0o644);
    }
  }
}

/** What lies in a folder; empty folders count for nothing. */
export function readPatched(root: string): PatchedTree {
  return Object.fromEntries(thingsIn(root, ""));
}

// Not by readdirSync's own recursion, which fails on a link to itself.
function thingsIn(root: string, prefix: string): readonly (readonly [string, Thing])[] {
  return readdirSync(join(root, prefix), { withFileTypes: true }).flatMap((entry) => {
    const path = prefix + entry.name;
    const place = join(root, path);
    if (entry.isDirectory()) return thingsIn(root, `${path}/`);
    if (entry.isSymbolicLink()) return [[path, { kind: "link", target: readlinkSync(place) }]];
    const executable = (lstatSync(place).mode & 0o100) !== 0;
    return [[path, { kind: "file", content: readFileSync(place, "latin1"), executable }]];
  });
}

function manifestOf(tree: PatchedTree): Manifest {
  const entries = Object.entries(tree).map(([path, thing]): ManifestEntry => {
    if (thing.kind === "link") return { kind: "symlink", path, target: thing.target };
    const { content, executable } = thing;
    return { kind: "file", path, size_bytes: content.length, hash: hashOf(content), executable };
  });
  return { version: 1, entries: entries.toSorted((a, b) => comparePaths(a.path, b.path)) };
}

function contentsOf(tree: PatchedTree): ReadonlyMap<string, Uint8Array> {
  return new Map(
    Object.values(tree).flatMap((thing) =>
      thing.kind === "file" ? [[hashOf(thing.content), Buffer.from(thing.content, "latin1")]] : [],
    ),
  );
}

function hashOf(content: string): string {
  return new Bun.CryptoHasher("sha256").update(Buffer.from(content, "latin1")).digest("hex");
}
