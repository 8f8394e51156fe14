// Tests of the rules for paths and links in a manifest.
import { describe, expect, test } from "bun:test";
import { createLinkCheck, findPathClash, manifestPathProblem } from "./manifest-paths.ts";

describe("manifestPathProblem()", () => {
  test("takes ordinary paths, odd but harmless ones included", () => {
    const paths = [
      "a",
      "a/b.py",
      "...",
      "a..b/..c",
      " a ",
      "ä/日本",
      "😀",
      "-",
      "~",
      "a:b",
      "*?[]",
    ];
    for (const path of [...paths, "x".repeat(255), "ä".repeat(127)]) {
      expect([path, manifestPathProblem(path)]).toEqual([path, null]);
    }
  });

  test("refuses what could leave the folder, confuse a reader or not be written", () => {
    const cases: Readonly<Record<string, string>> = {
      "": "empty",
      "/etc/passwd": "absolute",
      "..": '".."',
      "a/../b": '".."',
      "./a": '"."',
      "a/.": '"."',
      "a//b": "empty part",
      "a/": "empty part",
      "a\0b": "control",
      "a\nb": "control",
      "a\u009bb": "control",
      "a\\b": "backslash",
      "a\ud800": "Unicode",
      ["x".repeat(256)]: "255 bytes",
      ["ä".repeat(128)]: "255 bytes",
      [`${"x/".repeat(2048)}x`]: "4096 bytes",
    };
    for (const [path, word] of Object.entries(cases)) {
      expect(manifestPathProblem(path)).toContain(word);
    }
  });
});

describe("createLinkCheck()", () => {
  const check = (links: Readonly<Record<string, string>>) => {
    const all = new Map(Object.entries(links));
    const problemOf = createLinkCheck(all);
    return [...all].filter(([path, target]) => problemOf(path, target) !== null).map(([p]) => p);
  };

  test("takes links that stay, lead nowhere or run in circles", () => {
    expect(
      check({ "a/b/up": "../..", x: "y", y: "x", self: "self", "a/c": "b/../../z", d: "." }),
    ).toEqual([]);
  });

  test("refuses links that leave by their own text", () => {
    expect(
      check({ a: "..", "b/c": "../..", d: "/etc", "e/f": "g/../../../h", g: "../x/y", h: "a\\b" }),
    ).toEqual(["a", "b/c", "d", "e/f", "g", "h"]);
  });

  test("refuses a link that leaves only by way of another link", () => {
    // As text `r/s/out` is `r/s/y`; but `r/s/root` is the root, and `..` of that is outside.
    expect(check({ "r/s/root": "../..", "r/s/out": "root/../y" })).toEqual(["r/s/out"]);
  });

  test("answers in bounded time for links made to be slow", () => {
    const links: Record<string, string> = {};
    const long = "x/../".repeat(700);
    for (let i = 0; i < 20_000; i++) links[`l${i}`] = `${long}l${i + 1}`;
    expect(check(links).length).toBeGreaterThan(0);
  });
});

describe("findPathClash()", () => {
  test("finds paths that differ only in case or in how an accent is composed", () => {
    expect(findPathClash(["a", "b", "B"])).toEqual(["b", "B"]);
    expect(findPathClash(["caf\u00e9", "cafe\u0301"])).toEqual(["caf\u00e9", "cafe\u0301"]);
    expect(findPathClash(["Src/x/a", "src/x/b"])).toEqual(["Src", "src"]);
    expect(findPathClash(["A", "a/x"])).toEqual(["A", "a"]);
  });

  test("finds paths that differ only in what Windows drops, or in small letters that share a capital", () => {
    expect(findPathClash(["a.", "a/x"])).toEqual(["a.", "a"]);
    expect(findPathClash(["b/x .", "B/x"])).toEqual(["b", "B"]);
    expect(findPathClash(["b/x", "b/x. ."])).toEqual(["b/x", "b/x. ."]);
    expect(findPathClash(["b /x", "b/y"])).toEqual(["b ", "b"]);
    expect(findPathClash(["\u03c3", "\u03c2"])).toEqual(["\u03c3", "\u03c2"]);
    expect(findPathClash(["K", "\u212a"])).toEqual(["K", "\u212a"]);
    expect(findPathClash([".a", "a", "a.b", "a .b"])).toBeNull();
  });

  test("finds none where there is none", () => {
    expect(findPathClash(["a", "a/b", "a/b/c", "a/c", "b/a"])).toBeNull();
  });
});
