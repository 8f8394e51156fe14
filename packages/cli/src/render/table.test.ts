// Tests of how tables line up.
import { describe, expect, test } from "bun:test";
import { tableLines, type Column } from "./table.ts";

const COLUMNS: readonly Column[] = [
  { title: "ID", align: "right" },
  { title: "NAME", shrinksTo: 6 },
  { title: "STATE" },
  { title: "AGE", optional: true },
];
const ROWS = [
  ["7", "日本語の訓練", "running", "5m"],
  ["12", "train", "queued", "1h 20m"],
];

function lines(width: number): readonly string[] {
  const same = (text: string): string => text;
  return tableLines({ columns: COLUMNS, rows: ROWS, width, paintTitles: same })
    .trimEnd()
    .split("\n");
}

describe("tableLines()", () => {
  test("lines up scripts of any width", () => {
    expect(lines(Infinity)).toEqual([
      "ID  NAME          STATE    AGE",
      " 7  日本語の訓練  running  5m",
      "12  train         queued   1h 20m",
    ]);
  });

  test("cuts what may shrink, then leaves out what is optional", () => {
    expect(lines(30)).toEqual([
      "ID  NAME       STATE    AGE",
      " 7  日本語の…  running  5m",
      "12  train      queued   1h 20m",
    ]);
    expect(lines(24)).toEqual(["ID  NAME    STATE", " 7  日本…   running", "12  train   queued"]);
  });

  test("never cuts a wide letter in two", () => {
    const columns = [{ title: "N", shrinksTo: 1 }];
    const cut = (width: number): string =>
      tableLines({ columns, rows: [["日本語"]], width, paintTitles: (text) => text });
    expect([6, 5, 4, 1].map(cut)).toEqual(["N\n日本語\n", "N\n日本…\n", "N\n日…\n", "N\n…\n"]);
  });

  test("stays whole on a terminal that is too narrow for all of it", () => {
    expect(lines(5)).toHaveLength(3);
  });
});
