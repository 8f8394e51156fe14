// No statement that runs while people wait may read a whole table: each one's plan is looked at.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { JobState, ParamsOf } from "@fetchml/protocol";
import {
  insertKey,
  keyById,
  listKeys,
  keyForCheck,
  keyIdExists,
  noteUse,
  revokeKey,
} from "../store/api-keys.ts";
import { insertAudit } from "../store/audit.ts";
import { countSwept, openSweep } from "../store/cancel-sweeps.ts";
import type { Database } from "../store/database.ts";
import { setDisabledAt, setRole, userByName } from "../store/users.ts";
import { aliveAttempts } from "./alive-attempts.ts";
import { cancelAllJobs } from "./cancel-all.ts";
import { CancelSweeps } from "./cancel-sweeps.ts";
import { cancelJobs } from "./cancel.ts";
import { claimJobs } from "./claim.ts";
import { editJob } from "./edit.ts";
import { giveBack } from "./give-back.ts";
import { holdJob } from "./hold.ts";
import { listPage, showJob, viewQueue } from "./look.ts";
import { nextStartTime } from "./next-start-time.ts";
import { recordEnd, recordRunning } from "./record-attempt.ts";
import { blobsHeldBy, noteBlobs, noteSnapshot } from "./snapshots-held.ts";
import { submitJob } from "./submit.ts";
import { openTestQueue, submission, type TestQueue } from "./queue.fixture.ts";
import { explainJob } from "./why.ts";

type Statements = Map<string, Parameters<Database["get"]>[1]>;

/**
 * What a plan may scan: the queue in its order, the jobs that are alive or unfinished, each by an index that holds nothing else; the
 * parameter that json_each() reads; what is out of service, a row for the box and each GPU; and SQLite's own table with a row for
 * each table that counts its ids.
 */
const ALLOWED =
  /^SCAN (?:(?:jobs|j) USING (?:COVERING )?INDEX jobs_(?:queue|alive|unfinished|waiting_for_time)|json_each VIRTUAL TABLE.*|drains|sqlite_sequence|CONSTANT ROW)$/;

/** A list of everyone's finished jobs goes back from the newest until its page is full. */
const NEWEST_FIRST = "ORDER BY j.id DESC LIMIT $limit";

let queue: TestQueue;
const statements: Statements = new Map();

beforeAll(async () => {
  queue = openTestQueue();
  await liveThrough({ ...queue, db: recording(queue.db, statements) });
});

afterAll(() => queue.close());

describe("the plan of every statement of the queue", () => {
  test("is known for every kind of act", () => {
    expect(statements.size).toBeGreaterThan(40);
  });

  test("scans no table", () => {
    const offenders = [...statements].flatMap(([sql, bindings]) =>
      planOf(sql, bindings)
        // A SEARCH that uses nothing reads the table too: min() and max() are planned so.
        .filter((step) => /^SCAN|^SEARCH \w+$/.test(step) && !ALLOWED.test(step))
        .filter((step) => step !== "SCAN j" || !sql.endsWith(NEWEST_FIRST))
        .map((step) => `${step}: ${sql}`),
    );
    expect(offenders).toEqual([]);
  });

  test("reads unfinished jobs by an index that holds no others", () => {
    const about = [...statements].filter(([sql]) => sql.includes("ended_at IS NULL"));
    const offenders = about.flatMap(([sql, bindings]) =>
      planOf(sql, bindings)
        .filter(
          (step) => /^(?:SCAN|SEARCH) (?:jobs|j) /.test(step) && !step.includes("jobs_unfinished"),
        )
        .map((step) => `${step}: ${sql}`),
    );
    expect(about.length).toBeGreaterThan(5);
    expect(offenders).toEqual([]);
  });

  test("sorts no jobs but the unfinished ones of one user", () => {
    const offenders = [...statements].flatMap(([sql, bindings]) => {
      const plan = planOf(sql, bindings);
      const isSorted = plan.some((step) => step.includes("TEMP B-TREE FOR ORDER BY"));
      const isSmall = plan.some((step) =>
        /SEARCH (?:jobs|j) USING INDEX jobs_unfinished_by_user /.test(step),
      );
      return isSorted && !isSmall && /\bjobs\b/.test(sql) ? [sql] : [];
    });
    expect(offenders).toEqual([]);
  });

  test("finds a name and the next time to come by their own indexes", () => {
    const stepsOf = (part: string) =>
      [...statements]
        .filter(([sql]) => sql.includes(part) && !sql.includes("ended_at IS NULL"))
        .map(([sql, bindings]) => planOf(sql, bindings).find((step) => / (?:jobs|j) /.test(step)));
    expect(stepsOf("j.name = $name")).toEqual([
      "SEARCH j USING INDEX jobs_by_name (user_id=? AND name=?)",
    ]);
    expect(stepsOf("min(eligible_at)")).toEqual([
      "SEARCH jobs USING INDEX jobs_waiting_for_time (eligible_at>?)",
    ]);
  });

  test("is looked at in truth: a statement without an index would be found", () => {
    const [step] = planOf("SELECT id FROM jobs WHERE cwd = 'x'", {});
    expect(step).toStartWith("SCAN");
    expect(step).not.toMatch(ALLOWED);
  });
});

function planOf(sql: string, bindings: Parameters<Database["get"]>[1]): readonly string[] {
  const plan = queue.db.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, bindings);
  return plan.map(({ detail }) => detail);
}

/** The database, noting every statement that runs on it. */
function recording(db: Database, into: Statements): Database {
  const noted = new Set(["get", "all", "iterate", "run"]);
  return new Proxy(db, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        const [sql, bindings] = args;
        if (noted.has(String(name)) && typeof sql === "string") {
          // The second argument of these four methods, by their signature.
          into.set(sql, (bindings ?? {}) as Parameters<Database["get"]>[1]);
        }
        return Reflect.apply(member, target, args);
      };
    },
  });
}

/** Does on the queue, once at least, all that a day of use does. */
async function liveThrough(ctx: TestQueue): Promise<void> {
  const alice = await queue.addUser("alice");
  const admin = await queue.addUser("root", "admin");
  const snapshot = { id: "0".repeat(64), file_count: 1, size_bytes: 1 };
  await noteBlobs(ctx, alice, [snapshot.id]);
  await blobsHeldBy(ctx, alice, [snapshot.id]);
  await noteSnapshot(ctx, alice, snapshot);
  const full = { submission: "the-first", snapshot: snapshot.id, retries: 1 };
  for (const params of [full, full, {}, { hold: true }, { begin_at: ctx.clock.now() + 1 }]) {
    await submitJob(ctx, alice, submission(params));
  }
  await holdJob(ctx, alice, { ref: "2", held: true });
  await holdJob(ctx, alice, { ref: "2", held: false });
  await editJob(ctx, alice, { job: "2", gpus: 1, first: true });
  await nextStartTime(ctx);
  for (const attempt of await claimJobs(ctx)) await recordRunning(ctx, attempt);
  await editJob(ctx, admin, { job: "2", timeout_ms: 5000 });
  await aliveAttempts(ctx);
  await recordEnd(
    ctx,
    { jobId: 1, attempt: 1 },
    { outcome: { kind: "exited", exit_code: 1 }, endedAt: ctx.clock.now() },
  );
  await viewQueue(ctx);
  for (const ref of ["1", "2", "train", "@", "@~1"]) {
    await showJob(ctx, alice, ref);
    await explainJob(ctx, alice, ref);
  }
  for (const filter of everyFilter()) await listPage(ctx, alice, filter);
  await submitJob(ctx, alice, submission({ name: "once", hold: true }));
  await cancelJobs(ctx, alice, { jobs: ["once", "2"], graceMs: 0 });
  await recordEnd(
    ctx,
    { jobId: 2, attempt: 1 },
    { outcome: { kind: "lost", message: "gone" }, endedAt: ctx.clock.now() },
  );
  await cancelAllJobs(ctx, alice, { graceMs: 0 });
  await submitJob(ctx, alice, submission());
  await ctx.db.write(() => {
    const sweep = { asked_by: "root", asked_at: 0, cancelled: 0 };
    openSweep(ctx.db, { user_id: alice.userId, up_to_job: 999, ...sweep });
    countSwept(ctx.db, alice.userId, 0);
  });
  // A disk on which every project is looked at.
  const largest = { size_bytes: 1e15, file_count: 1 };
  const tight = { ...ctx, projects: { takesBytes: true, largest } };
  await submitJob(tight, alice, submission({ name: "tight", snapshot: snapshot.id }));
  await explainJob(tight, alice, "tight");
  for (const attempt of await claimJobs(tight)) await giveBack(tight, attempt, "no room");
  await new CancelSweeps(ctx).resume();
  await authenticate(ctx.db, alice.userId);
}

/** What a request costs before it comes to the queue. */
async function authenticate(db: Database, userId: number): Promise<void> {
  await db.write(() => {
    const key = { id: "aaaa", user_id: userId, api_key_hash: "0".repeat(64) };
    insertKey(db, { ...key, label: null, created_at: 0, expires_at: null });
    keyIdExists(db, "aaaa");
    keyForCheck(db, "aaaa");
    keyById(db, "aaaa");
    listKeys(db, userId);
    noteUse(db, "aaaa", { at: 0, address: "::1", client: null });
    revokeKey(db, "aaaa", 0);
    userByName(db, "alice");
    setRole(db, userId, "member");
    setDisabledAt(db, userId, null);
    insertAudit(db, {
      at: 0,
      actor: "aaaa",
      action: "key.revoke",
      target: null,
      address: null,
      ok: 1,
      reason: null,
    });
  });
}

function everyFilter(): readonly ParamsOf<"job.list">[] {
  return [{}, { everyone: true }]
    .flatMap((filter) => [filter, { ...filter, all: true }])
    .flatMap((filter) => [
      filter,
      { ...filter, states: ["failed"] as JobState[] },
      { ...filter, states: ["running"] as JobState[] },
    ])
    .flatMap((filter) => [filter, { ...filter, since: 1 }])
    .flatMap((filter) => [filter, { ...filter, before_id: 99 }]);
}
