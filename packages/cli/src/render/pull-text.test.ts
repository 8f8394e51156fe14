// What people are told about a pull.
import { describe, expect, test } from "bun:test";
import type { PulledItem } from "@fetchml/client/pull";
import { pulledWords, pullNotes } from "./pull-text.ts";

function item(path: string, changes: Partial<PulledItem> = {}): PulledItem {
  return {
    kind: "file",
    attempt: 1,
    path,
    local_path: path,
    size_bytes: 1024,
    outcome: "pulled",
    why: null,
    ...changes,
  };
}

function pulled(items: readonly PulledItem[], { complete = true, force = false } = {}) {
  const listing = { jobId: 12, name: "train", complete };
  const typed = "ml pull train '*.pt' -o here";
  return { listing, folder: "ml-outputs/train-12", force, items, typed };
}

describe("pulledWords()", () => {
  test("counts what came, and what was there before", () => {
    expect(pulledWords(pulled([item("a"), item("b", { outcome: "growing" })]))).toBe(
      "Pulled 2 files (2 KiB) of 12 train into ml-outputs/train-12",
    );
    expect(pulledWords(pulled([item("a"), item("b", { outcome: "equal" })]))).toBe(
      "Pulled 1 file (1 KiB) of 12 train into ml-outputs/train-12, 1 was there before",
    );
  });

  test("counts links apart from files", () => {
    const link = (path: string) => item(path, { kind: "symlink", size_bytes: null });
    expect(pulledWords(pulled([item("a"), link("b"), item("c")]))).toStartWith(
      "Pulled 2 files (2 KiB) and 1 link of 12 train",
    );
    expect(pulledWords(pulled([link("a"), link("b")]))).toStartWith(
      "Pulled 0 files (0 B) and 2 links of",
    );
  });
});

describe("pullNotes()", () => {
  test("says nothing where all is well", () => {
    expect(pullNotes(pulled([item("a"), item("b", { outcome: "equal" })]))).toEqual([]);
  });

  test("names what differs here and says how to replace it", () => {
    const why = "differs from what is here";
    expect(pullNotes(pulled([item("sub/a", { outcome: "differs", why })]))).toEqual([
      "Left as it is here:",
      "  sub/a differs from what is here",
      "To replace what differs here, add --force.",
    ]);
  });

  test("says of what --force does not take away at once that it does not help", () => {
    const folder = item("d", { outcome: "blocked", why: "is a folder here" });
    for (const force of [false, true]) {
      const text = pullNotes(pulled([folder], { force })).join("\n");
      expect(text).toContain("  d is a folder here\nThat is in the way, and --force");
      expect(text).not.toContain("add --force");
    }
    const file = item("f", { outcome: "differs", why: "differs from what is here" });
    expect(pullNotes(pulled([folder, file])).map((line) => line.slice(0, 20))).toEqual([
      "Left as it is here:",
      "  d is a folder here",
      "That is in the way, ",
      "Left as it is here:",
      "  f differs from wha",
      "To replace what diff",
    ]);
  });

  test("says to type the same again where something has changed here in spite of --force", () => {
    const why = "has changed here meanwhile, and was left as it is";
    const lines = pullNotes(pulled([item("f", { outcome: "differs", why })], { force: true }));
    expect(lines.at(-1)).toBe("To replace it: ml pull train '*.pt' -o here");
  });

  test("names ten of many, and nothing that a terminal would obey", () => {
    const many = Array.from({ length: 12 }, (_, i) =>
      item(`${i}\u001B[2J`, { outcome: "left-out", why: "is \u001B[1m" }),
    );
    const lines = pullNotes(pulled(many));
    expect(lines).toHaveLength(12);
    expect(lines[1]).toBe("  0^[[2J is ^[[1m");
    expect(lines.at(-1)).toBe("  … and 2 more");
  });

  test("leaves out the middle of what would fill the screen", () => {
    const path = `first/${"é".repeat(4000)}/last`;
    const why = `is a link to "${"../".repeat(1300)}", which leads out of the outputs`;
    const [, line = ""] = pullNotes(pulled([item(path, { outcome: "left-out", why })]));
    expect(line.length).toBeLessThan(460);
    expect(line).toStartWith("  first/éé");
    expect(line).toMatch(/é…é+\/last is a link to "/);
    expect(line).toEndWith("which leads out of the outputs");
  });

  test("tells of each other kind of trouble, and of a list that was not whole", () => {
    const some = (["gone", "growing", "unsteady"] as const).map((outcome) =>
      item(outcome, { outcome }),
    );
    const text = pullNotes(pulled(some, { complete: false })).join("\n");
    for (const word of [
      "  gone",
      "  growing",
      "  unsteady",
      "Try again later: ml pull train '*.pt' -o here",
      "more than the server lists",
    ]) {
      expect(text).toContain(word);
    }
  });
});
