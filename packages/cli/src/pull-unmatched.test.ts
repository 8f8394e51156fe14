// What people are told of patterns that fit nothing.
import { describe, expect, test } from "bun:test";
import type { OutputListing } from "@fetchml/client/pull";
import { nothingFits, unmatchedNotes, type UnmatchedGlobs } from "./pull-unmatched.ts";

const LISTING: OutputListing = {
  jobId: 12,
  name: "train",
  attempts: [],
  entries: [],
  complete: true,
};
const HINT = '"ml show 12 --outputs" lists what there is.';
const NOTHING: UnmatchedGlobs = {
  globs: [],
  mayCome: false,
  real: new Map(),
  here: { file: null, folder: null },
};
const many = Array.from({ length: 12 }, (_, i) => `${i}`);

function notes(...globs: readonly string[]): readonly string[] {
  return unmatchedNotes(12, { ...NOTHING, globs });
}

describe("unmatchedNotes()", () => {
  test("names each pattern, and where the list is", () => {
    expect(notes()).toEqual([]);
    expect(notes("a", "*.b")).toEqual(['Nothing fits "a".', 'Nothing fits "*.b".', HINT]);
    expect(unmatchedNotes(12, { ...NOTHING, globs: ["a"], mayCome: true })[0]).toBe(
      'Nothing fits "a" yet.',
    );
  });

  test("names ten of many", () => {
    const lines = notes(...many);
    expect(lines).toHaveLength(12);
    expect(lines[10]).toBe("Nothing fits 2 more.");
  });

  test("shows nothing that a terminal would obey, and no key", () => {
    const key = `fetchml_${"a".repeat(36)}`;
    const text = notes("a\n\u001B[2J", "\u202Ex\u009B", key).join("");
    expect(text).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
    expect(text).not.toContain(key);
  });

  test("says whose braces are, where a pattern holds such", () => {
    for (const glob of ["{a,b}.pt", "x{1..9}"]) expect(notes(glob).at(-1)).toContain("the shell");
    for (const glob of ["{a}", "x}{,", "{}"]) expect(notes(glob).at(-1)).toBe(HINT);
  });

  test("says how a folder to write to is named, where a pattern looks like one", () => {
    for (const glob of [".", "./", "..", "../x", "~/x", "~", "/"]) {
      expect(notes(glob).at(-1)).toContain("with -o DIR");
    }
    for (const glob of ["./x", "/x", "...", "~x", ".x", ""]) expect(notes(glob).at(-1)).toBe(HINT);
  });

  test("says that a pattern needs quotes, where a word is the name of a file here", () => {
    const last = (file: string) =>
      unmatchedNotes(12, { ...NOTHING, globs: [file], here: { file, folder: null } }).at(-1);
    expect(last("notes.txt")).toBe(
      `${HINT} "notes.txt" is a file here: a pattern needs quotes, as in '*.txt', or the shell puts such names in its place.`,
    );
    expect(last("a\u001B[2J.txt")).not.toContain("\u001B");
  });

  test("says how a folder to write to is named, where a word is one here", () => {
    const here = { file: null, folder: "models" };
    const notesOf = unmatchedNotes(12, { ...NOTHING, globs: ["models"], here });
    expect(notesOf.at(-1)).toBe(`${HINT} The folder to write to is named with -o DIR.`);
  });

  test("says that a pull is of one job, where a word looks like another", () => {
    for (const glob of ["13", "13#2", "@", "@~1"]) expect(notes(glob).at(-1)).toContain("one job");
    for (const glob of ["13.pt", "#1", "@x"]) expect(notes(glob).at(-1)).toBe(HINT);
  });

  test("says what to name instead of a pattern that goes through a link", () => {
    const real = new Map([["lnk/q", "real/q\u001B[2J"]]);
    const unmatched = { ...NOTHING, globs: ["lnk/q"], real };
    const last = `${HINT} No pattern goes through a link: for "lnk/q" name "real/q\\u001b[2J".`;
    expect(unmatchedNotes(12, unmatched).at(-1)).toBe(last);
    expect(nothingFits(LISTING, unmatched).message.split("\n").at(-1)).toBe(last);
  });
});

describe("nothingFits()", () => {
  test("is at most three lines, however many patterns there are", () => {
    const error = nothingFits(LISTING, { ...NOTHING, globs: [...many, "{a,b}"], mayCome: true });
    expect(error.code).toBe("output-not-found");
    expect(error.message.split("\n")).toEqual([
      'Nothing that job 12 (train) has left fits "0", "1", "2", "3", "4", "5", "6", "7", "8", "9" and 3 more yet.',
      `${HINT} Braces are for the shell: {a,b} in quotes is a name. A pull is of one job; what follows it are patterns.`,
    ]);
  });
});
