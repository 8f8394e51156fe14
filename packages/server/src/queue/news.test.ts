// Tests that news come after the commit, in order, and of nothing that was undone.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { isLegalMove, type Job } from "@fetchml/protocol";
import type { KeyHolder } from "../domain/principal.ts";
import { Database } from "../store/database.ts";
import { DATABASE_FILE } from "../store/open-store.ts";
import { openTempStore, rejectionOf } from "../store/store.fixture.ts";
import { join } from "node:path";
import { cancelJobs } from "./cancel.ts";
import { News } from "./news.ts";
import { openTestQueue, submission, toldStates, type TestQueue } from "./queue.fixture.ts";
import { submitJob } from "./submit.ts";
import { insertUser } from "../store/users.ts";

let queue: TestQueue;
let alice: KeyHolder;

beforeEach(async () => {
  queue = openTestQueue();
  alice = await queue.addUser("alice");
});

afterEach(() => queue.close());

describe("News", () => {
  test("reaches every listener, in the order of publishing, until it is taken off", () => {
    const news = new News();
    const told: string[] = [];
    const stop = news.listen((item) => told.push(`a ${item.kind}`));
    news.listen((item) => told.push(`b ${item.kind}`));
    const attempt = { jobId: 1, attempt: 1 };
    news.publish({ kind: "cancel-requested", attempt, graceMs: 0 });
    stop();
    stop();
    news.publish({ kind: "timeout-changed", attempt, timeoutMs: null });
    expect(told).toEqual(["a cancel-requested", "b cancel-requested", "b timeout-changed"]);
  });
});

describe("the queue's news", () => {
  test("are durable when they come: another connection sees what they tell", async () => {
    const store = openTempStore();
    const stranger = new Database(join(store.folder, DATABASE_FILE));
    const news = new News();
    const seen: unknown[] = [];
    news.listen(() => seen.push(stranger.get("SELECT count(*) AS jobs FROM jobs")));
    await store.db.write(() =>
      insertUser(store.db, { name: "alice", role: "member", created_at: 0 }),
    );
    const { db } = store;
    const totals = { cpus: 1, mem_bytes: 0, gpu_uuids: [] };
    await submitJob({ ...queue, db, news, totals }, { ...alice, userId: 1 }, submission());
    expect(seen).toEqual([{ jobs: 1 }]);
    stranger.close();
    store.close();
  });

  test("tell nothing of what was undone", async () => {
    await queue.submit(alice);
    await rejectionOf(cancelJobs(queue, alice, { jobs: ["1", "99"], graceMs: 0 }));
    expect(queue.heard).toHaveLength(1);
  });

  test("tell every state of a job, each reached by a legal move", async () => {
    await queue.submit(alice, { retries: 1 });
    await queue.startAll();
    await queue.end(1, { kind: "exited", exit_code: 1 });
    queue.clock.advance(10_000);
    await queue.startAll();
    await cancelJobs(queue, alice, { jobs: ["1"], graceMs: 0 });
    await queue.end(1, { kind: "exited", exit_code: 143 });
    const states = toldStates(queue, 1);
    expect(states).toEqual([
      ...(["queued", "starting", "running", "queued"] as const),
      ...(["starting", "running", "cancelling", "cancelled"] as const),
    ]);
    for (const [place, state] of states.slice(1).entries()) {
      expect(isLegalMove(states[place] ?? state, state)).toBe(true);
    }
  });

  test("hold no command, no environment and no snapshot, for everyone may hear them", async () => {
    await queue.submit(alice, { command: { argv: ["secret-word"] }, env: { A: "secret-word" } });
    expect(JSON.stringify(queue.heard)).not.toContain("secret-word");
  });

  test("tell a job as it was at that moment, though it has moved on", async () => {
    const jobs: Job[] = [];
    queue.news.listen((item) => item.kind === "job-changed" && jobs.push(item.job));
    const submitted = queue.submit(alice);
    const cancelled = cancelJobs(queue, alice, { jobs: ["1"], graceMs: 0 });
    await Promise.all([submitted, cancelled]);
    expect(jobs.map(({ state }) => state)).toEqual(["queued", "cancelled"]);
  });
});
