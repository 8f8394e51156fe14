// Tests that the bench measures what the table of goals names, and that its page is what its results say.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildForHost } from "../scripts/build.ts";
import { noOpJobs } from "./no-op-jobs.ts";
import { pageText, resultsText } from "./page.ts";
import { plotSvg } from "./plot.ts";
import { queueTime } from "./queue-time.ts";
import { readResults, type Result } from "./result.ts";
import { ROWS } from "./rows.ts";
import { runRow } from "./run-row.ts";
import { statusTime } from "./status-time.ts";
import { submitRate } from "./submit-rate.ts";
import { tableOf } from "./table.ts";

/** What the table of goals asks for, each with the row that measures it. */
const GOALS = [
  ["status-time", "ml status", { atMost: 7 }],
  ["queue-time", "ml queue", { atMost: 10 }],
  ["submit-rate", "submits", { atLeast: 50_000 }],
] as const;

let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-bench-test-"));
  await buildForHost();
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the rows", () => {
  test("are one file each, named as they are called", () => {
    const files = readdirSync(import.meta.dir);
    for (const { name } of ROWS) expect(files).toContain(`${name}.ts`);
    expect(new Set(ROWS.map(({ name }) => name)).size).toBe(ROWS.length);
  });

  test("are all that the table of goals has", () => {
    expect(ROWS.slice(0, 9).map(({ title }) => title)).toEqual([
      "`ml status`, whole process, loopback, 10,000 jobs stored",
      "`ml queue`, whole process, unchanged 1,000-file project",
      "durable submits (fsynced before the answer), one connection",
      "submit → first instruction of the job, empty snapshot, idle box",
      "no-op jobs, whole road, two slots",
      "cancel of a running job → process gone",
      "a line written by the job → on the follower's screen",
      "server memory: idle / 10,000 jobs stored",
      "restart with 1,000,000 jobs stored",
    ]);
  });

  test.each([statusTime, queueTime, submitRate, noOpJobs])(
    "run alone, fast and rough, and write a result that can be read: $name",
    async (row) => {
      await runRow(row, { isQuick: true, say: () => undefined, results: folder });
      const result = readResults(folder).get(row.name);
      expect(result).toMatchObject({ row: row.name, title: row.title, quick: true });
      const ours = result?.figures.filter(({ who }) => who === "FetchML") ?? [];
      expect(ours.length).toBeGreaterThan(0);
      expect(result?.figures.map(({ who }) => who)).toContain("floor");
      for (const { runs } of ours) for (const run of runs) expect(run).toBeGreaterThan(0);
      for (const [name, what, goal] of GOALS) {
        if (name === row.name) expect(ours).toContainEqual(expect.objectContaining({ what, goal }));
      }
    },
    120_000,
  );
});

const RESULT: Result = {
  row: "status-time",
  title: "status",
  date: "2026-11-23T04:05:06.000Z",
  quick: false,
  machine: {
    cpu: "Xeon",
    cores: 2,
    memory_gb: 24,
    kernel: "6.1",
    system: "Debian 12",
    bun: "1.4.5",
    fetchml: "0.1.0",
    load: 0.05,
  },
  figures: [
    { who: "FetchML", what: "a", unit: "ms", goal: { atMost: 7 }, runs: [6, 5, 9] },
    { who: "tsp", what: "a", unit: "ms", runs: [3, 3, 3] },
    { who: "FetchML", what: "b", unit: "/s", goal: { atLeast: 100 }, runs: [50] },
    { who: "floor", what: "b", unit: "/s", runs: [200] },
  ],
  missing: [{ who: "pueue", reason: "no cargo" }],
  curves: [],
};

describe("the page", () => {
  test("shows the middle, the spread, the goal and how many times as good FetchML is", () => {
    const lines = tableOf(RESULT).split("\n");
    expect(lines).toContain("| a | FetchML | ≤ 7 ms ✓ | 6 ms | 5 – 9 |  |  |");
    expect(lines).toContain("| a | tsp |  | 3 ms | 3 – 3 | 0.5 × as good |  |");
    expect(lines).toContain("| b | FetchML | ≥ 100 /s ✗ | 50 /s | 50 – 50 |  |  |");
    expect(lines).toContain("| b | floor |  | 200 /s | 200 – 200 | 0.25 × the floor |  |");
    expect(lines).toContain("- Missing: pueue: no cargo");
  });

  test("says so when others were at work, or a run was quick", () => {
    const text = (result: Result) => resultsText(new Map([[result.row, result]]));
    expect(text(RESULT)).not.toContain("rough");
    expect(text({ ...RESULT, machine: { ...RESULT.machine, load: 3 } })).toContain("(load 3)");
    expect(text({ ...RESULT, quick: true })).toContain("no figures to show");
    expect(text(RESULT)).toContain("`npm run bench -- submit-rate`: not measured yet.");
  });

  test("is the one that the results give", async () => {
    const page = readFileSync(join(import.meta.dir, "README.md"), "utf8");
    expect(await pageText(page, readResults())).toBe(page);
  });
});

describe("plotSvg()", () => {
  test("draws every point of every series", () => {
    const words = { plot: "p", title: "a < b", xLabel: "x", yLabel: "y" };
    const svg = plotSvg([
      {
        ...words,
        series: "one",
        points: [
          { x: 0, y: 1 },
          { x: 1000, y: 4 },
        ],
      },
      { ...words, series: "two", points: [{ x: 10, y: 2 }] },
    ]);
    expect(svg.match(/<circle/g)).toHaveLength(3);
    expect(svg).toContain("a &lt; b");
    expect(svg).not.toContain("NaN");
  });
});
