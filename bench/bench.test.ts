// Tests that the bench measures what the table of goals names.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildForHost } from "../scripts/build.ts";
import { noOpJobs } from "./no-op-jobs.ts";
import { queueTime } from "./queue-time.ts";
import { readResults } from "./result.ts";
import { restartTime } from "./restart-time.ts";
import { ROWS } from "./rows.ts";
import { runRow } from "./run-row.ts";
import { snapshotTransfer } from "./snapshot-transfer.ts";
import { statusTime } from "./status-time.ts";
import { submitRate } from "./submit-rate.ts";

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

  test.each([statusTime, queueTime, submitRate, noOpJobs, restartTime, snapshotTransfer])(
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
