// Tests that the page is what the results say.
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { QUESTIONS, readNotReached } from "./not-reached.ts";
import { pageText, plotTexts, resultsText } from "./page.ts";
import { plotSvg } from "./plot.ts";
import { readResults, type Result } from "./result.ts";
import { ROWS } from "./rows.ts";
import { notReachedIn, summaryOf } from "./summary.ts";
import { tableOf, wideTableOf } from "./table.ts";

const RESULT: Result = {
  row: "status-time",
  title: "status",
  run: "2026-11-23T04:05:00.000Z",
  date: "2026-11-23T04:05:06.000Z",
  seconds: 70,
  quick: false,
  machine: {
    cpu: "Xeon",
    cores: 2,
    memory_gb: 24,
    kernel: "6.1",
    system: "Debian 12",
    bun: "1.4.5",
    fetchml: "0.1.0",
    busy_cpus: 0.05,
  },
  figures: [
    { who: "FetchML", what: "a", unit: "ms", goal: { atMost: 7 }, runs: [6, 5, 9] },
    { who: "tsp", what: "a", unit: "ms", runs: [3, 3, 3] },
    { who: "FetchML", what: "b", unit: "/s", goal: { atLeast: 100 }, beside: ["a"], runs: [50] },
    { who: "floor", what: "b", unit: "/s", runs: [200] },
  ],
  missing: [{ who: "pueue", reason: "no cargo" }],
  curves: [],
};
const RSYNC_GOAL = { atMost: 1, timesOf: "rsync" };
const TRANSFER: Result = {
  ...RESULT,
  row: "snapshot-transfer",
  figures: [
    { who: "FetchML", what: "first", unit: "ms", goal: RSYNC_GOAL, runs: [10, 12, 14] },
    { who: "rsync", what: "first", unit: "ms", runs: [11] },
    { who: "cp", what: "first", unit: "ms", runs: [6] },
    { who: "FetchML", what: "first: bytes sent", unit: "B", runs: [1234] },
  ],
};

const resultsOf = (...results: readonly Result[]) =>
  new Map(results.map((result) => [result.row, result]));

describe("a row's table", () => {
  test("shows the middle, the spread, the goal and how many times as good FetchML is", () => {
    const lines = tableOf(RESULT).split("\n");
    expect(lines).toContain("| a | FetchML | ≤ 7 ms ✓ | 6 ms | 5 – 9 |  |  |");
    expect(lines).toContain("| a | tsp |  | 3 ms | 3 – 3 | 0.5 × as good |  |");
    expect(lines).toContain("| b | FetchML | ≥ 100 /s ✗ | 50 /s | 50 – 50 |  |  |");
    expect(lines).toContain("| b | floor |  | 200 /s | 200 – 200 | 0.25 × the floor |  |");
    expect(lines).toContain("- Missing: pueue: no cargo");
  });

  test("puts contenders side by side where it is wide", () => {
    const lines = wideTableOf(TRANSFER).split("\n");
    expect(lines[0]).toBe("| what | goal | FetchML | rsync | cp |");
    expect(lines).toContain(
      "| first | ≤ 1 × rsync ✗ | 12 ms<br>10 – 14 | 11 ms<br>FetchML 0.917 × | 6 ms<br>FetchML 0.5 × |",
    );
    expect(lines).toContain("| first: bytes sent |  | 1,234 B |  |  |");
  });
});

describe("the goals in short", () => {
  test("have a line each with what was measured, the floor and the best peer", () => {
    const lines = summaryOf(ROWS, resultsOf(RESULT)).split("\n").slice(2);
    const link =
      "[`ml status`, whole process, loopback, 10,000 jobs stored](#ml-status-whole-process-loopback-10000-jobs-stored)";
    expect(lines).toEqual([
      `| ${link}: a | ≤ 7 ms | **6 ms** (5 – 9) | yes |  | tsp: 3 ms (FetchML 0.5 ×) |`,
      `| ${link}: b | ≥ 100 /s | **50 /s** (50 – 50) | **no** | 200 /s (FetchML 0.25 ×) | none |`,
      "",
    ]);
  });

  test("measure a goal that is a multiple of a peer against that peer", () => {
    const [, , line = ""] = summaryOf(ROWS, resultsOf(TRANSFER)).split("\n");
    expect(line).toContain("| ≤ 1 × rsync | **12 ms** (10 – 14) | **no** |");
    expect(line).toContain("| rsync: 11 ms (FetchML 0.917 ×) |");
    expect(notReachedIn(TRANSFER).map(({ what }) => what)).toEqual(["first"]);
  });

  test("say whether all comes from one run", () => {
    const text = (...results: readonly Result[]) => resultsText(resultsOf(...results));
    expect(text(RESULT, TRANSFER)).toContain("one run of 3 minutes");
    expect(text(RESULT, { ...TRANSFER, run: "2026-11-24T00:00:00.000Z" })).toContain("2 runs");
  });
});

describe("a row's section", () => {
  test("says so when others were at work, or a run was quick", () => {
    const text = (result: Result) => resultsText(resultsOf(result));
    expect(text(RESULT)).not.toContain("rough");
    const busy = { ...RESULT, machine: { ...RESULT.machine, busy_cpus: 1.5 } };
    expect(text(busy)).toContain("(1.5 CPUs busy)");
    expect(text({ ...RESULT, quick: true })).toContain("no figures to show");
    expect(text(RESULT)).toContain("`npm run bench -- submit-rate`: not measured yet.");
  });

  test("tells of each goal that is not reached what is written about it", () => {
    const parts = new Map([
      ["status-time: a", "about a"],
      ["status-time: b", "about b"],
    ]);
    const text = resultsText(resultsOf(RESULT), parts);
    expect(text).toContain("### Not reached: b\n\nabout b");
    expect(text).not.toContain("about a");
  });
});

describe("what is written about goals that are not reached", () => {
  const parts = readNotReached();

  test("is there for every goal of the results that is not reached", () => {
    const goals = [...readResults().values()].flatMap((result) =>
      notReachedIn(result).map(({ what }) => `${result.row}: ${what}`),
    );
    expect(goals.filter((goal) => !parts.has(goal))).toEqual([]);
  });

  test("answers each question, and is about rows that there are", () => {
    const rows: ReadonlySet<string> = new Set(ROWS.map(({ name }) => name));
    for (const [heading, text] of parts) {
      expect(rows).toContain(heading.split(": ")[0] ?? "");
      for (const question of QUESTIONS) expect(text).toContain(`**${question}.** `);
    }
  });
});

describe("what is in the repository", () => {
  test("is the page that the results give", async () => {
    const page = readFileSync(join(import.meta.dir, "README.md"), "utf8");
    expect(await pageText(page, readResults())).toBe(page);
  });

  test("are the plots that the results give", () => {
    const folder = join(import.meta.dir, "plots");
    const files = readdirSync(folder).map((name) => [
      name,
      readFileSync(join(folder, name), "utf8"),
    ]);
    expect(Object.fromEntries(files)).toEqual(
      Object.fromEntries(plotTexts([...readResults().values()])),
    );
  });
});

describe("plotSvg()", () => {
  const words = { plot: "p", title: "`a` < b", xLabel: "x", yLabel: "ms" };
  const point = (x: number, y: number) => ({ x, y, lowest: y / 2, highest: y * 2 });
  const svg = plotSvg([
    { ...words, series: "one", points: [point(0, 1), point(1000, 4)] },
    { ...words, series: "two", points: [point(10, 2), point(1000, 4)] },
  ]);

  test("draws every point of every series with its spread, and says what it shows", () => {
    expect(svg.match(/<circle/g)).toHaveLength(4);
    expect(svg.match(/<line class="line"/g)).toHaveLength(4);
    expect(svg).toContain(">a &lt; b<");
    expect(svg).not.toContain("NaN");
  });

  test("moves names apart that would cover each other", () => {
    const heights = [...svg.matchAll(/y="([\d.]+)" class="name"/g)].map(([, y]) => Number(y));
    expect(heights).toHaveLength(2);
    expect(Math.abs((heights[0] ?? 0) - (heights[1] ?? 0))).toBeGreaterThanOrEqual(16);
  });
});
