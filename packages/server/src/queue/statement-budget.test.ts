// What a submit and a pick may ask of SQLite: so many statements and rows, and no more with a long queue than with a short one.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { KeyHolder } from "../domain/principal.ts";
import { claimJobs } from "./claim.ts";
import { countedDatabase, type CountedDatabase } from "./counted-database.fixture.ts";
import { viewQueue } from "./look.ts";
import { needs, openTestQueue, submission, type TestQueue } from "./queue.fixture.ts";
import { submitJob } from "./submit.ts";

const LONG = 500;

let queue: TestQueue;
let counted: CountedDatabase;
let ctx: TestQueue;
let alice: KeyHolder;

beforeEach(async () => {
  queue = openTestQueue();
  counted = countedDatabase(queue.db);
  ctx = { ...queue, db: counted.db };
  alice = await queue.addUser("alice");
});

afterEach(() => queue.close());

async function fill(count: number, params: Parameters<typeof submission>[0] = {}): Promise<void> {
  await Promise.all(Array.from({ length: count }, () => submitJob(ctx, alice, submission(params))));
  counted.take();
}

/** How many statements an act runs and how many rows it is handed. */
async function costOf(act: () => Promise<unknown>) {
  counted.take();
  await act();
  const { statements, rows } = counted.take();
  return { statements: statements.length, rows };
}

describe("a submit", () => {
  test("runs 4 statements for 1 row, however long the queue is", async () => {
    const submitOne = () => submitJob(ctx, alice, submission({ submission: crypto.randomUUID() }));
    const first = await costOf(submitOne);
    await fill(LONG);
    const last = await costOf(submitOne);
    expect(last).toEqual(first);
    expect(last.statements).toBeLessThanOrEqual(4);
    expect(last.rows).toBeLessThanOrEqual(1);
  });
});

describe("a new job's row", () => {
  test("is written without a table built on the way, and into few indexes", async () => {
    counted.take();
    await submitJob(ctx, alice, submission());
    const inserts = counted.take().statements.filter((sql) => sql.startsWith("INSERT INTO jobs"));
    expect(inserts).toHaveLength(1);
    const steps = inserts.flatMap((sql) =>
      queue.db.all<{ opcode: string }>(`EXPLAIN ${sql.replaceAll(/\$\w+/g, "1")}`),
    );
    expect(steps.filter(({ opcode }) => opcode === "OpenEphemeral")).toEqual([]);
    const indexes = queue.db.all<{ partial: 0 | 1 }>("PRAGMA index_list(jobs)");
    expect(indexes.length).toBeLessThanOrEqual(13);
    expect(indexes.filter(({ partial }) => partial === 0).length).toBeLessThanOrEqual(2);
  });
});

describe("a pick", () => {
  test("runs 3 statements, and 6 for each job that it starts, however long the queue is", async () => {
    await fill(LONG, needs({ cpus: 4 }));
    const both = await costOf(() => claimJobs(ctx));
    expect(queue.row(2).state).toBe("starting");
    expect(both.statements).toBeLessThanOrEqual(3 + 2 * 6);
    expect(both.rows).toBeLessThanOrEqual(3 + 2 * 3);
  });

  test("reads no further than the first job that must wait", async () => {
    await fill(LONG, needs({ cpus: 8 }));
    await claimJobs(ctx);
    const blocked = await costOf(() => claimJobs(ctx));
    expect(blocked.statements).toBeLessThanOrEqual(3);
    expect(blocked.rows).toBeLessThanOrEqual(2);
  });
});

describe("a look at the queue", () => {
  test("reads its head alone, however long it is", async () => {
    await fill(LONG);
    const look = await costOf(() => viewQueue(ctx));
    expect(look.statements).toBeLessThanOrEqual(4);
    expect(look.rows).toBeLessThanOrEqual(21);
  });
});
