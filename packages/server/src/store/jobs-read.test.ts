// Tests of the statements that read jobs.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { JobState } from "@fetchml/protocol";
import { insertAttempt } from "./attempts.ts";
import {
  aliveJobs,
  jobBefore,
  jobById,
  jobOfSubmission,
  jobPrivate,
  listJobs,
  newestJobOfName,
  unfinishedJobs,
  unfinishedJobsOfName,
  unfinishedJobsOfUser,
  type JobFilter,
} from "./jobs-read.ts";
import { insertJob, markCancelling, markEnded, markRunning, markStarting } from "./jobs-write.ts";
import { newJob, openTempStore, type TempStore } from "./store.fixture.ts";
import { insertUser } from "./users.ts";

const ALICE = 1;
const BOB = 2;

/** Id, owner, name and state of every job; each is created at ten times its id. */
const JOBS: readonly (readonly [id: number, user: number, name: string, state: JobState])[] = [
  [1, ALICE, "train", "succeeded"],
  [2, BOB, "train", "failed"],
  [3, ALICE, "train", "queued"],
  [4, ALICE, "test", "running"],
  [5, BOB, "train", "queued"],
  [6, ALICE, "train", "starting"],
  [7, BOB, "other", "cancelling"],
  [8, ALICE, "test", "cancelled"],
];

let store: TempStore;
const ids = (rows: readonly { readonly id: number }[]) => rows.map(({ id }) => id);

beforeAll(async () => {
  store = openTempStore();
  const { db } = store;
  await db.write(() => {
    insertUser(db, { name: "alice", role: "member", created_at: 0 });
    insertUser(db, { name: "bob", role: "admin", created_at: 0 });
    for (const [id, user_id, name, state] of JOBS) {
      insertJob(db, newJob({ user_id, name, created_at: id * 10, submission: `word-${id}` }));
      bring(id, state);
    }
  });
});

afterAll(() => store.close());

function bring(id: number, state: JobState): void {
  const { db } = store;
  if (state === "queued") return;
  if (state !== "cancelled") {
    markStarting(db, id, 0);
    insertAttempt(db, { job_id: id, number: 1, started_at: 0 }, []);
  }
  if (state === "starting") return;
  if (state !== "cancelled") markRunning(db, id);
  if (state === "cancelling") markCancelling(db, id, "bob");
  if (state === "running" || state === "cancelling") return;
  const from = state === "cancelled" ? "queued" : "running";
  markEnded(db, id, { from, state, at: 1, outcome: '{"kind":"exited","exit_code":0}' });
}

describe("listJobs()", () => {
  const everything: JobFilter = {
    userId: null,
    unfinishedOnly: false,
    states: null,
    since: null,
    beforeId: null,
    limit: 100,
  };
  const isFinished = (state: JobState) =>
    state === "succeeded" || state === "failed" || state === "cancelled";

  test("gives jobs newest first, and no more than the limit", () => {
    expect(ids(listJobs(store.db, everything))).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
    expect(ids(listJobs(store.db, { ...everything, limit: 3 }))).toEqual([8, 7, 6]);
  });

  const filters = [{}, { userId: ALICE }]
    .flatMap((filter) => [filter, { ...filter, unfinishedOnly: true }])
    .flatMap((filter) => [
      filter,
      { ...filter, states: ["queued", "failed", "succeeded"] as const },
    ])
    .flatMap((filter) => [filter, { ...filter, since: 30 }])
    .flatMap((filter) => [filter, { ...filter, beforeId: 6 }]);

  for (const chosen of filters) {
    const filter: JobFilter = { ...everything, ...chosen };
    test(`narrows to ${JSON.stringify(chosen)}`, () => {
      const expected = JOBS.filter(
        ([id, user, , state]) =>
          (filter.userId === null || user === filter.userId) &&
          !(filter.unfinishedOnly && isFinished(state)) &&
          (filter.states === null || filter.states.includes(state)) &&
          (filter.since === null || id * 10 >= filter.since) &&
          (filter.beforeId === null || id < filter.beforeId),
      ).toReversed();
      expect(ids(listJobs(store.db, filter))).toEqual(expected.map(([id]) => id));
    });
  }

  test("gives nothing where no state is asked for", () => {
    expect(listJobs(store.db, { ...everything, states: [] })).toEqual([]);
  });
});

describe("statements that read jobs", () => {
  test("jobById() finds a job with its owner's name, or nothing", () => {
    expect(jobById(store.db, 5)).toMatchObject({ id: 5, user_id: BOB, user: "bob", name: "train" });
    expect(jobById(store.db, 99)).toBeNull();
  });

  test("newestJobOfName() looks at one user's jobs, finished ones too", () => {
    expect(newestJobOfName(store.db, ALICE, "train")?.id).toBe(6);
    expect(newestJobOfName(store.db, ALICE, "test")?.id).toBe(8);
    expect(newestJobOfName(store.db, ALICE, "other")).toBeNull();
  });

  test("unfinishedJobsOfName() gives one user's unfinished ones, newest first", () => {
    const named = (name: string, limit = 9) =>
      ids(unfinishedJobsOfName(store.db, ALICE, { name, limit }));
    expect(named("train")).toEqual([6, 3]);
    expect(named("train", 1)).toEqual([6]);
    expect(named("test")).toEqual([4]);
  });

  test("jobBefore() counts back from the user's last job", () => {
    expect([0, 1, 2, 3, 4, 5].map((back) => jobBefore(store.db, ALICE, back)?.id)).toEqual([
      8,
      6,
      4,
      3,
      1,
      undefined,
    ]);
  });

  test("unfinishedJobs(), unfinishedJobsOfUser() and aliveJobs() give oldest first", () => {
    expect(ids(unfinishedJobs(store.db))).toEqual([3, 4, 5, 6, 7]);
    expect(ids(unfinishedJobsOfUser(store.db, BOB, 9))).toEqual([5, 7]);
    expect(ids(unfinishedJobsOfUser(store.db, BOB, 1))).toEqual([5]);
    expect(ids(aliveJobs(store.db))).toEqual([4, 6, 7]);
  });

  test("jobOfSubmission() finds the job by the user's own word only", () => {
    expect(jobOfSubmission(store.db, ALICE, "word-3")?.id).toBe(3);
    expect(jobOfSubmission(store.db, BOB, "word-3")).toBeNull();
  });

  test("jobPrivate() gives the columns that strangers never see", () => {
    expect(jobPrivate(store.db, 3)).toEqual({
      command: '{"argv":["true"]}',
      cwd: "",
      env: "{}",
      snapshot: null,
      git: null,
      redo_of: null,
      setup: null,
      retry_on: "[]",
      secrets: "[]",
      mounts: "[]",
    });
    expect(jobPrivate(store.db, 99)).toBeNull();
  });
});
