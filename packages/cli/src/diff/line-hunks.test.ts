// Tests of comparing texts line by line.
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { lineHunks, type Hunk } from "./line-hunks.ts";

/** Makes the second text of the first as a patch program would. */
function applied(before: string, hunks: readonly Hunk[]): string {
  const lines = before.split(/(?<=\n)/);
  const out: string[] = [];
  let at = 0;
  for (const hunk of hunks) {
    const start = hunk.before.count === 0 ? hunk.before.start : hunk.before.start - 1;
    out.push(...lines.slice(at, start));
    at = start;
    expect(out.length).toBe(hunk.after.count === 0 ? hunk.after.start : hunk.after.start - 1);
    for (const { kind, text, isUnended } of hunk.lines) {
      const line = isUnended ? text : `${text}\n`;
      if (kind !== "added") expect(lines[at++]).toBe(line);
      if (kind !== "removed") out.push(line);
    }
  }
  return [...out, ...lines.slice(at)].join("");
}

const line = fc.constantFrom("a", "b", "c", "", "  d", "e\r", "f\u2028g");
const text = fc
  .tuple(fc.array(line, { maxLength: 30 }), fc.boolean())
  .map(([lines, isEnded]) => lines.join("\n") + (isEnded ? "\n" : ""));

const shown = (hunks: readonly Hunk[]) =>
  hunks.map(({ before, after, lines }) => [
    `${before.start},${before.count} ${after.start},${after.count}`,
    ...lines.map((one) => ({ same: " ", removed: "-", added: "+" })[one.kind] + one.text),
  ]);

describe("lineHunks()", () => {
  test("makes one text of the other, whatever they are, and only changes what must change", () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const hunks = lineHunks(before, after);
        expect(applied(before, hunks)).toBe(after);
        expect(hunks.length === 0).toBe(before === after);
        for (const { before: old, after: young, lines } of hunks) {
          expect(lines.filter(({ kind }) => kind !== "added")).toHaveLength(old.count);
          expect(lines.filter(({ kind }) => kind !== "removed")).toHaveLength(young.count);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("shows three lines around a change, and joins changes whose surroundings touch", () => {
    const lines = Array.from({ length: 30 }, (_, i) => `${i}\n`);
    const changed = lines.with(10, "x\n").with(17, "y\n");
    expect(shown(lineHunks(lines.join(""), changed.join("")))).toEqual([
      ["8,14 8,14"].concat(
        [" 7", " 8", " 9", "-10", "+x", " 11", " 12", " 13"],
        [" 14", " 15", " 16", "-17", "+y", " 18", " 19", " 20"],
      ),
    ]);
    const apart = lines.with(10, "x\n").with(18, "y\n");
    expect(shown(lineHunks(lines.join(""), apart.join(""))).map(([head]) => head)).toEqual([
      "8,7 8,7",
      "16,7 16,7",
    ]);
  });

  test("tells of a last line without its line feed", () => {
    expect(lineHunks("a", "a\n").flatMap(({ lines }) => lines)).toMatchObject([
      { kind: "removed", text: "a", isUnended: true },
      { kind: "added", text: "a", isUnended: false },
    ]);
  });

  test("gives an empty side the line before it", () => {
    expect(shown(lineHunks("", "a\nb\n"))).toEqual([["0,0 1,2", "+a", "+b"]]);
    expect(shown(lineHunks("a\n", ""))).toEqual([["1,1 0,0", "-a"]]);
  });

  test("finds few changes in a long text, and gives up on texts of shuffled lines", () => {
    const long = Array.from({ length: 50_000 }, (_, i) => `line ${i}`);
    const few = long.map((one, i) => (i % 10 === 0 ? `${one}!` : one));
    expect(lineHunks(long.join("\n"), few.join("\n"))).toHaveLength(5000);
    const shuffled = long.toReversed();
    const hunks = lineHunks(long.join("\n"), shuffled.join("\n"));
    expect(applied(long.join("\n"), hunks)).toBe(shuffled.join("\n"));
    expect(hunks).toHaveLength(1);
  }, 60_000);
});
