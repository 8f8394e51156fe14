// Tests of what callers may see of jobs.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { ParamsOf } from "@fetchml/protocol";
import { METHODS } from "@fetchml/protocol/schemas";
import type { KeyHolder, Principal } from "../domain/principal.ts";
import { rejectionOf } from "../store/store.fixture.ts";
import { cancelJobs } from "./cancel.ts";
import { listPage, showJob, viewQueue } from "./look.ts";
import { LOCAL_ADMIN, needs, openTestQueue, START, type TestQueue } from "./queue.fixture.ts";

let queue: TestQueue;
let alice: KeyHolder;
let bob: KeyHolder;
let viewer: KeyHolder;
let admin: KeyHolder;

beforeEach(async () => {
  queue = openTestQueue();
  alice = await queue.addUser("alice");
  bob = await queue.addUser("bob");
  viewer = await queue.addUser("vera", "viewer");
  admin = await queue.addUser("carol", "admin");
});

afterEach(() => queue.close());

describe("showJob()", () => {
  const SECRETS = {
    command: { shell: "train --password hunter2", args: [] },
    cwd: "inner/folder",
    env: { PASSWORD: "hunter2" },
  };

  test("shows owner and admins the command, the folder, the environment and the snapshot", async () => {
    await queue.submit(alice, SECRETS);
    for (const who of [alice, admin, LOCAL_ADMIN]) {
      expect((await showJob(queue, who, "1")).private).toEqual({
        ...SECRETS,
        snapshot: null,
        git: null,
        redo_of: null,
        retry_on: ["lost", "host-oom", "exited"],
        setup: null,
        mounts: [],
        secrets: [],
      });
    }
  });

  test("shows owner and admins where the project stood in Git", async () => {
    const git = { commit: "c".repeat(40), branch: "secret-plans", dirty: true };
    await queue.submit(alice, { git });
    for (const who of [alice, admin, LOCAL_ADMIN]) {
      expect((await showJob(queue, who, "1")).private?.git).toEqual(git);
    }
    expect(JSON.stringify(await showJob(queue, bob, "1"))).not.toContain("secret-plans");
  });

  test("shows strangers and viewers nothing of them", async () => {
    await queue.submit(alice, SECRETS);
    await queue.startAll();
    for (const who of [bob, viewer]) {
      const detail = await showJob(queue, who, "1");
      expect(detail).not.toHaveProperty("private");
      expect(JSON.stringify(detail)).not.toMatch(/hunter2|inner/);
      expect(detail).toMatchObject({ id: 1, user: "alice", state: "running" });
    }
  });

  test("shows every attempt, in the form of the protocol", async () => {
    await queue.submit(alice, { ...needs({ gpus: 1 }), retries: 1 });
    await queue.startAll();
    queue.clock.advance(5);
    await queue.end(1, { kind: "exited", exit_code: 1 });
    queue.clock.advance(10_000);
    await queue.startAll();
    const detail = await showJob(queue, alice, "1");
    expect(METHODS["job.get"].result.parse(detail)).toEqual(detail);
    expect(detail.attempts).toEqual([
      {
        number: 1,
        started_at: START,
        ended_at: START + 5,
        gpu_uuids: ["A"],
        outcome: { kind: "exited", exit_code: 1 },
      },
      { number: 2, started_at: START + 10_005, ended_at: null, gpu_uuids: ["A"], outcome: null },
    ]);
  });

  test("refuses a job that does not exist", async () => {
    expect(await rejectionOf(showJob(queue, alice, "9"))).toMatchObject({ code: "job-not-found" });
  });
});

describe("listPage()", () => {
  const list = async (who: Principal, params: ParamsOf<"job.list"> = {}) => {
    const { jobs, next_before_id } = await listPage(queue, who, params);
    return { ids: jobs.map(({ id }) => id), next: next_before_id };
  };

  // Alice: 1 ended, 3 queued, 5 queued. Bob: 2 ended, 4 queued.
  beforeEach(async () => {
    for (const who of [alice, bob, alice, bob, alice]) {
      await queue.submit(who, { hold: true });
      queue.clock.advance(10);
    }
    await cancelJobs(queue, admin, { jobs: ["1", "2"], graceMs: 0 });
  });

  test("lists my unfinished jobs, newest first, unless told otherwise", async () => {
    expect(await list(alice)).toEqual({ ids: [5, 3], next: null });
    expect(await list(viewer)).toEqual({ ids: [], next: null });
  });

  test("lists more with all, everyone and user", async () => {
    expect((await list(alice, { all: true })).ids).toEqual([5, 3, 1]);
    expect((await list(alice, { everyone: true })).ids).toEqual([5, 4, 3]);
    expect((await list(alice, { everyone: true, all: true })).ids).toEqual([5, 4, 3, 2, 1]);
    expect((await list(viewer, { user: "bob", all: true })).ids).toEqual([4, 2]);
    expect((await list(alice, { user: "bob", everyone: true })).ids).toEqual([4]);
  });

  test("lists the jobs in the states asked for, ended ones too", async () => {
    expect((await list(alice, { states: ["cancelled"] })).ids).toEqual([1]);
    expect((await list(alice, { everyone: true, states: ["cancelled", "queued"] })).ids).toEqual([
      5, 4, 3, 2, 1,
    ]);
  });

  test("lists the jobs since a time", async () => {
    expect((await list(alice, { everyone: true, all: true, since: START + 30 })).ids).toEqual([
      5, 4,
    ]);
  });

  test("lists everyone's to the admin on the box, who has none", async () => {
    expect((await list(LOCAL_ADMIN)).ids).toEqual([5, 4, 3]);
  });

  test("gives a page at a time, each job once", async () => {
    const everything = { everyone: true, all: true, limit: 2 };
    const first = await list(alice, everything);
    expect(first).toEqual({ ids: [5, 4], next: 4 });
    const second = await list(alice, { ...everything, before_id: 4 });
    expect(second).toEqual({ ids: [3, 2], next: 2 });
    expect(await list(alice, { ...everything, before_id: 2 })).toEqual({ ids: [1], next: null });
  });

  test("says that no page follows when the last one is just full", async () => {
    expect(await list(alice, { limit: 2 })).toEqual({ ids: [5, 3], next: null });
  });

  test("gives 100 jobs where no limit is said", async () => {
    for (let more = 0; more < 101; more += 1) await queue.submit(bob);
    expect((await list(bob)).ids).toHaveLength(100);
  });

  test("refuses a user who does not exist", async () => {
    const refusal = await rejectionOf(listPage(queue, alice, { user: "nobody" }));
    expect(refusal).toMatchObject({ code: "user-not-found" });
  });
});

describe("viewQueue()", () => {
  test("shows what runs with its GPUs, the head of the queue, and how long it is", async () => {
    await queue.submit(alice, needs({ cpus: 7, gpus: 2 }));
    await queue.submit(bob);
    await queue.startAll();
    for (let more = 0; more < 25; more += 1) await queue.submit(alice, { hold: more === 1 });
    const view = await viewQueue(queue);
    expect(view.running.map(({ id }) => id)).toEqual([1, 2]);
    expect(view.alive.map(({ gpu_uuids }) => gpu_uuids)).toEqual([["A", "B"], []]);
    expect(view.queued.map(({ id }) => id)).toEqual(Array.from({ length: 20 }, (_, i) => i + 3));
    expect(view.queued[1]).toMatchObject({ id: 4, reason: "held" });
    expect(view.queuedCount).toBe(25);
  });
});
