// Tests of the rules for links in a manifest.
import { describe, expect, test } from "bun:test";
import { createLinkCheck } from "./manifest-links.ts";
import { NEW_TREE, STORED_TREE } from "./manifest-rules.ts";

describe("createLinkCheck()", () => {
  const check = (links: Readonly<Record<string, string>>, rules = NEW_TREE) => {
    const all = new Map(Object.entries(links));
    const problemOf = createLinkCheck(all, rules);
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

  test("refuses a link that leaves by way of one that it names in another spelling", () => {
    for (const way of ["D/up", "d/UP", "d/up.", "d/u\u200dp", "d /up"]) {
      const links = { "d/up": "..", x: `${way}/../secret` };
      expect([way, check(links)]).toEqual([way, ["x"]]);
      // A box tells these names apart.
      expect([way, check(links, STORED_TREE)]).toEqual([way, []]);
    }
    expect(check({ "stra\u00dfe/up": "../", x: "STRASSE/up/../secret" })).toEqual(["x"]);
    expect(check({ "d/up": "..", x: "d/UP/secret", y: "D/../D/other" })).toEqual([]);
  });

  test("refuses a link that leaves where case counts, though it stays where it does not", () => {
    expect(check({ d: "a/b/c", x: "D/../../y" })).toEqual(["x"]);
  });

  test("refuses a target that is longer than a path may be", () => {
    const long = "name/".repeat(700);
    expect(check({ x: long })).toEqual(["x"]);
    expect(check({ x: long }, STORED_TREE)).toEqual([]);
  });

  test("answers in bounded time for links made to be slow", () => {
    const links: Record<string, string> = {};
    const long = "x/../".repeat(700);
    for (let i = 0; i < 20_000; i++) links[`l${i}`] = `${long}l${i + 1}`;
    expect(check(links).length).toBeGreaterThan(0);
  });
});
