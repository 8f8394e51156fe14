// Tests that a change of a job's state happens only from the state it expects.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { JOB_STATES, type JobState } from "@fetchml/protocol";
import { jobById } from "./jobs-read.ts";
import {
  insertJob,
  markCancelling,
  markEnded,
  markRequeued,
  markRunning,
  markStarting,
  setHeld,
  updateJob,
} from "./jobs-write.ts";
import { newJob, openTempStore, rejectionOf, type TempStore } from "./store.fixture.ts";
import { insertUser } from "./users.ts";

const OUTCOME = '{"kind":"exited","exit_code":1}';

let store: TempStore;

beforeEach(async () => {
  store = openTempStore();
  await store.db.write(() =>
    insertUser(store.db, { name: "alice", role: "member", created_at: 0 }),
  );
});

afterEach(() => store.close());

/** Adds a job and brings it into that state. */
function jobIn(state: JobState): number {
  const { db } = store;
  const id = insertJob(db, newJob());
  if (state === "queued") return id;
  markStarting(db, id, 5);
  if (state === "starting") return id;
  markRunning(db, id);
  if (state === "running") return id;
  if (state === "cancelling") markCancelling(db, id, "alice");
  else markEnded(db, id, { from: "running", state, at: 9, outcome: OUTCOME });
  return id;
}

/** From which states that change is done; all others refuse it and stay as they are. */
async function statesThatAllow(change: (id: number) => boolean): Promise<JobState[]> {
  return store.db.write(() =>
    JOB_STATES.filter((state) => {
      const id = jobIn(state);
      const before = jobById(store.db, id);
      expect(before?.state).toBe(state);
      const isDone = change(id);
      if (!isDone) expect(jobById(store.db, id)).toEqual(before);
      return isDone;
    }),
  );
}

describe("a change of state", () => {
  test("markStarting() takes a job out of the queue and counts its attempt", async () => {
    const { db } = store;
    expect(await statesThatAllow((id) => markStarting(db, id, 7))).toEqual(["queued"]);
    expect(jobById(db, 1)).toMatchObject({ state: "starting", attempt: 1, started_at: 7 });
  });

  test("markStarting() keeps the time of the first start, and forgets the wait before it", async () => {
    const { db } = store;
    await db.write(() => {
      const id = jobIn("running");
      markRequeued(db, id, { from: "running", eligible_at: 50, outcome: OUTCOME });
      expect(jobById(db, id)).toMatchObject({ state: "queued", eligible_at: 50, outcome: OUTCOME });
      markStarting(db, id, 60);
      expect(jobById(db, id)).toMatchObject({
        attempt: 2,
        started_at: 5,
        eligible_at: null,
        outcome: null,
      });
    });
  });

  test("markStarting() leaves a held job where it is", async () => {
    const { db } = store;
    await db.write(() => {
      const id = insertJob(db, newJob({ held: 1 }));
      expect(markStarting(db, id, 7)).toBe(false);
      expect(jobById(db, id)?.state).toBe("queued");
    });
  });

  test("markRunning() follows a start", async () => {
    expect(await statesThatAllow((id) => markRunning(store.db, id))).toEqual(["starting"]);
  });

  test("markCancelling() follows a start or a run, and names who asked", async () => {
    const { db } = store;
    const states = await statesThatAllow((id) => markCancelling(db, id, "bob"));
    expect(states).toEqual(["starting", "running"]);
    expect(jobById(db, 2)).toMatchObject({ state: "cancelling", cancelled_by: "bob" });
  });

  test("markEnded() and markRequeued() ask for the state that they were told", async () => {
    const { db } = store;
    const end = { from: "running", state: "failed", at: 9, outcome: OUTCOME } as const;
    expect(await statesThatAllow((id) => markEnded(db, id, end))).toEqual(["running"]);
    const back = { from: "starting", eligible_at: 9, outcome: OUTCOME } as const;
    expect(await statesThatAllow((id) => markRequeued(db, id, back))).toEqual(["starting"]);
  });

  test("setHeld() works in the queue alone", async () => {
    const { db } = store;
    expect(await statesThatAllow((id) => setHeld(db, id, 1))).toEqual(["queued"]);
    expect(jobById(db, 1)?.held).toBe(1);
    await db.write(() => expect(setHeld(db, 1, 0)).toBe(true));
    expect(jobById(db, 1)?.held).toBe(0);
  });
});

describe("insertJob()", () => {
  test("gives each job the next id and the last place in the queue", async () => {
    const { db } = store;
    const ids = await db.write(() => [1, 2, 3].map(() => insertJob(db, newJob())));
    expect(ids).toEqual([1, 2, 3]);
    expect(ids.map((id) => jobById(db, id)?.queue_rank)).toEqual([1, 2, 3]);
  });

  test("gives out no id twice, and the place belongs to the id though an earlier one was undone", async () => {
    const { db } = store;
    await rejectionOf(
      db.write(() => {
        insertJob(db, newJob());
        throw new Error("no");
      }),
    );
    const id = await db.write(() => insertJob(db, newJob()));
    expect(jobById(db, id)?.queue_rank).toBe(id);
  });

  test("takes no submission word twice of one user", async () => {
    const { db } = store;
    const add = () => db.write(() => insertJob(db, newJob({ submission: "word-1" })));
    await add();
    expect((await rejectionOf(add()))?.message).toContain("UNIQUE");
  });
});

test("updateJob() writes what may be edited and nothing else", async () => {
  const { db } = store;
  const edit = { gpus: 1, cpus: 2, mem_bytes: 3, timeout_ms: 4, retries: 5, eligible_at: 6 };
  const [before, after] = await db.write(() => {
    const id = insertJob(db, newJob());
    const row = jobById(db, id);
    updateJob(db, id, edit);
    return [row, jobById(db, id)];
  });
  expect(after).toEqual({ ...(before ?? expect.unreachable()), ...edit });
});
