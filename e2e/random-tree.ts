// Trees of files and links as fast-check makes them, written to disk and read back.
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
import { dirname, join, relative } from "node:path";
import * as fc from "fast-check";

/** One thing of a tree. Content as latin1, so that any bytes are text. */
export type Thing =
  | { readonly kind: "file"; readonly content: string; readonly executable: boolean }
  | { readonly kind: "link"; readonly target: string };

/** Things by path; no path lies below another, and no two are one on a Mac or on Windows. */
export type Tree = Readonly<Record<string, Thing>>;

/** Trees that a project may have, of which nothing is ignored and nothing looks like a secret. */
export function trees(content: fc.Arbitrary<string>, maxFiles = 12): fc.Arbitrary<Tree> {
  const file = fc.record({
    kind: fc.constant("file" as const),
    content,
    executable: fc.boolean(),
  });
  const path = fc.array(NAME, { minLength: 1, maxLength: 4 }).map((names) => names.join("/"));
  const files = fc.array(fc.tuple(path, file), { maxLength: maxFiles });
  const links = fc.array(fc.tuple(path, fc.nat(), fc.boolean()), { maxLength: 4 });
  return fc.tuple(files, links).map(([someFiles, someLinks]) => {
    const tree: Record<string, Thing> = {};
    for (const [at, thing] of someFiles) if (isFree(tree, at)) tree[at] = thing;
    const targets = Object.keys(tree);
    for (const [at, pick, dangles] of someLinks) {
      if (!isFree(tree, at)) continue;
      const to = dangles ? "not/there" : (targets[pick % targets.length] ?? "not/there");
      tree[at] = { kind: "link", target: relative(dirname(at), to) || "." };
    }
    return tree;
  });
}

/** Any bytes at all. */
export const anyBytes: fc.Arbitrary<string> = fc
  .uint8Array({ maxLength: 3000 })
  .map((bytes) => Buffer.from(bytes).toString("latin1"));

/** Texts whose lines are much alike, ended and unended, some of them in no encoding. */
export const anyText: fc.Arbitrary<string> = fc
  .tuple(
    fc.array(
      fc.constantFrom("a", "b", "", "\tc", "d\r", "\u00e9", "--- x", "+++ y", "@@ -1 +1 @@"),
      {
        maxLength: 12,
      },
    ),
    fc.boolean(),
  )
  .map(([lines, isEnded]) => lines.join("\n") + (isEnded && lines.length > 0 ? "\n" : ""));

/** Writes the tree below a folder, which is made. */
export function writeTree(root: string, tree: Tree): void {
  mkdirSync(root, { recursive: true });
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

/** What lies below a folder; empty folders count for nothing. */
export function readTree(root: string): Tree {
  const things: [string, Thing][] = [];
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    const place = join(entry.parentPath, entry.name);
    const path = place.slice(root.length + 1);
    if (entry.isSymbolicLink()) things.push([path, { kind: "link", target: readlinkSync(place) }]);
    else {
      const executable = (lstatSync(place).mode & 0o100) !== 0;
      things.push([path, { kind: "file", content: readFileSync(place, "latin1"), executable }]);
    }
  }
  return Object.fromEntries(things);
}

const NAME = fc.oneof(
  fc.constantFrom("a", "b", "src", "README.md", "train.py", ".hidden", "-o", "--", "a b", 'q"t'),
  fc.constantFrom("ünï", "e\u0301", "漢字", "🎉", "$HOME", "*", "[x]", "%41", "a#b", "~", " lead"),
  fc
    .string({
      unit: fc.constantFrom(...Array.from("abcXYZ019._-+=,;!'()&^@")),
      minLength: 1,
      maxLength: 12,
    })
    .filter((name) => !/^\.*$/.test(name) && !SECRET.test(name)),
);

// Names that git, ml or its search for secrets take for something else.
const SECRET = /^\.git|^\.mlignore$|^\.env|^id_|\.pem$|\.key$|^ml\.toml$|^\.ml-code/i;

function isFree(tree: Tree, path: string): boolean {
  const wanted = foldersAnd(path);
  return Object.keys(tree).every((taken) => {
    const known = foldersAnd(taken);
    const isBelow = known.includes(path) || wanted.includes(taken);
    const isClash = wanted.some((one) =>
      known.some((other) => folds(one) === folds(other) && one !== other),
    );
    return !isBelow && !isClash;
  });
}

/** The path and the folders above it. */
function foldersAnd(path: string): readonly string[] {
  const names = path.split("/");
  return names.map((_, i) => names.slice(0, i + 1).join("/"));
}

function folds(path: string): string {
  return path.normalize("NFC").toLowerCase();
}
