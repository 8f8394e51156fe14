// Tests of what a manifest may not say.
import { describe, expect, test } from "bun:test";
import { FetchmlError, STORED_TREE, type ManifestEntry } from "@fetchml/protocol";
import { checkManifest } from "./check-manifest.ts";
import { fileEntry, sha256, textOf } from "./snapshots.fixture.ts";
import { DEFAULT_SNAPSHOT_LIMITS } from "./snapshots.ts";

const LIMITS = DEFAULT_SNAPSHOT_LIMITS;

async function problemOf(text: string, limits = LIMITS): Promise<string> {
  try {
    await checkManifest(text, limits);
  } catch (error) {
    if (!(error instanceof FetchmlError)) throw error;
    expect(error.message.split("\n").length).toBeLessThanOrEqual(3);
    return `${error.code}: ${error.message}`;
  }
  return "taken";
}

const link = (path: string, target: string): ManifestEntry => ({ kind: "symlink", path, target });

describe("checkManifest()", () => {
  test("takes an ordinary tree and weighs it", async () => {
    const text = textOf(
      fileEntry("a b", "same"),
      fileEntry("src/x.py", "same", true),
      link("src/y", "../a b"),
      fileEntry("ä", ""),
    );
    expect(await checkManifest(text, LIMITS)).toMatchObject({
      blobs: new Map([
        [sha256("same"), 4],
        [sha256(""), 0],
      ]),
      fileCount: 3,
      totalBytes: 8,
    });
    expect(await problemOf(textOf())).toBe("taken");
  });

  const paths: Readonly<Record<string, readonly ManifestEntry[]>> = {
    "a parent folder": [fileEntry("../x", "")],
    "a parent folder in the middle": [fileEntry("a/../../x", "")],
    "the folder itself": [fileEntry("./x", "")],
    "an absolute path": [fileEntry("/etc/passwd", "")],
    "an empty part": [fileEntry("a//b", "")],
    "a slash at the end": [fileEntry("a/", "")],
    "a NUL": [fileEntry("a\0b", "")],
    "a line break": [fileEntry("a\nb", "")],
    "an escape character": [fileEntry("a\u001b[31m", "")],
    "a backslash": [fileEntry("a\\b", "")],
    "half a character": [fileEntry("a\ud800", "")],
    "a part of 256 bytes": [fileEntry("x".repeat(256), "")],
    "a path of 3073 bytes": [fileEntry(`${`${"x".repeat(255)}/`.repeat(12)}x`, "")],
    "a path below 129 folders": [fileEntry(`${"x/".repeat(129)}x`, "")],
    "a path twice": [fileEntry("a", ""), fileEntry("a", "")],
    "a file and a link of one name": [fileEntry("a", ""), link("a", "b")],
    "the wrong order": [fileEntry("b", ""), fileEntry("a", "")],
    "UTF-16 order": [fileEntry("\u{1f600}", ""), fileEntry("\uff5e", "")],
    "a path below a file": [fileEntry("a", ""), fileEntry("a/b", "")],
    "a path below a link": [link("a", "b"), fileEntry("a/x", "")],
    "a path deep below a link": [link("a", "b"), fileEntry("a-b", ""), fileEntry("a/x/y/z", "")],
    "names that differ in case": [fileEntry("A", ""), fileEntry("a", "")],
    "folders that differ in case": [fileEntry("A/x", ""), fileEntry("a/y", "")],
    "names that differ in how an accent is composed": [
      fileEntry("e\u0301", ""),
      fileEntry("\u00e9", ""),
    ],
    "names that differ in a letter whose capital is two": [
      fileEntry("STRA\u1e9eE.txt", ""),
      fileEntry("stra\u00dfe.txt", ""),
    ],
    "names that differ in what a Mac ignores": [fileEntry("ab", ""), fileEntry("a\u200db", "")],
    "an absolute link": [link("a", "/etc/passwd")],
    "a link that leads out": [link("a/b", "../../x")],
    "a link that leads out through another": [link("r/s/a", "b/../x"), link("r/s/b", "../..")],
    "a link that leads out through another that it names in capitals": [
      link("d/up", ".."),
      link("x", "D/up/../secret"),
    ],
    "a link to 3073 bytes": [link("a", `${"x/".repeat(1536)}x`)],
    "a link with a NUL": [link("a", "b\0c")],
    "a link to nothing": [link("a", "")],
    "one hash of two sizes": [
      fileEntry("a", "x"),
      { kind: "file", path: "b", size_bytes: 2, hash: sha256("x"), executable: false },
    ],
  };
  test.each(Object.keys(paths))("refuses %s", async (name) => {
    expect(await problemOf(textOf(...(paths[name] ?? [])))).toStartWith("bad-content: ");
  });

  const good = textOf(fileEntry("a", "x"));
  const texts: Readonly<Record<string, string>> = {
    "no JSON": "{",
    "another form": "[]",
    "another version": good.replace('"version":1', '"version":2'),
    "white space": good.replace(",", ", "),
    "a line break at the end": `${good}\n`,
    "keys in another order": good.replace('"kind":"file","path":"a"', '"path":"a","kind":"file"'),
    "a key more": good.replace('"kind"', '"mode":511,"kind"'),
    "a key twice": good.replace('"kind":"file"', '"kind":"symlink","kind":"file"'),
    "another spelling of a letter": good.replace('"a"', '"\\u0061"'),
    "another spelling of a number": good.replace('"size_bytes":1', '"size_bytes":1e0'),
    "a negative size": good.replace('"size_bytes":1', '"size_bytes":-1'),
    "a fraction": good.replace('"size_bytes":1', '"size_bytes":1.5'),
    "a number beyond what is exact": good.replace(
      '"size_bytes":1',
      '"size_bytes":9007199254740993',
    ),
    "an upper-case hash": good.replace(sha256("x"), sha256("x").toUpperCase()),
    "a short hash": good.replace(sha256("x"), sha256("x").slice(1)),
    "a hash that is a path": good.replace(sha256("x"), `../${"a".repeat(61)}`),
    "an own prototype": good.replace('"kind"', '"__proto__":{},"kind"'),
  };
  test.each(Object.keys(texts))("refuses %s", async (name) => {
    expect(await problemOf(texts[name] ?? "")).toStartWith("bad-content: ");
  });

  test("refuses what is over a limit", async () => {
    const text = textOf(fileEntry("a", "xxx"), fileEntry("b", "xxx"));
    expect(await problemOf(text, { ...LIMITS, entries: 1 })).toStartWith("too-large: ");
    expect(await problemOf(text, { ...LIMITS, blobBytes: 2 })).toStartWith("too-large: ");
    // Each file counts: it takes its room in every copy.
    expect(await problemOf(text, { ...LIMITS, totalBytes: 5 })).toStartWith("too-large: ");
    expect(await problemOf(text, { ...LIMITS, manifestBytes: text.length - 1 })).toStartWith(
      "too-large: ",
    );
    const deep = textOf(fileEntry("x/y/a", ""), fileEntry("x/z/a", ""));
    expect(await problemOf(deep, { ...LIMITS, entries: 3 })).toBe("taken");
    // Two files, and three folders.
    expect(await problemOf(deep, { ...LIMITS, entries: 2 })).toContain("more than 2 folders");
    const exact = { entries: 2, blobBytes: 3, totalBytes: 6, manifestBytes: text.length };
    expect(await problemOf(text, exact)).toBe("taken");
  });

  test("refuses few files that stand for more folders than there may be files", async () => {
    const few = Array.from({ length: 600 }, (_, n) => `${n + 1000}/${"X/".repeat(120)}f`);
    const text = textOf(...few.map((path) => fileEntry(path, "")));
    expect(await problemOf(text)).toStartWith("too-large: ");
    expect(await problemOf(textOf(fileEntry(`1000/${"X/".repeat(120)}f`, "")))).toBe("taken");
  });

  test("says what to do with a name that may not stand, in few words also of a long one", async () => {
    const long = await problemOf(textOf(fileEntry(`${"name/".repeat(700)}x`, "")));
    expect(long).toContain("is longer than 3072 bytes.\nRename or move it, or leave it out");
    expect(long.length).toBeLessThan(600);
  });

  test("takes of a list that was taken before what was allowed then", async () => {
    const old = [
      fileEntry("STRA\u1e9eE", ""),
      link("d/up", ".."),
      fileEntry(`${`${"n".repeat(250)}/`.repeat(16)}f`, ""),
      fileEntry("stra\u00dfe", ""),
      fileEntry(`${"x/".repeat(2000)}f`, ""),
      link("y", "D/up/../secret"),
    ];
    const checked = await checkManifest(textOf(...old), LIMITS, STORED_TREE);
    expect(checked.manifest.entries).toEqual(old);
    const bad = [fileEntry("../x", "")];
    expect(
      String(await checkManifest(textOf(...bad), LIMITS, STORED_TREE).catch((e: unknown) => e)),
    ).toContain('has ".." as a part');
  });
});
