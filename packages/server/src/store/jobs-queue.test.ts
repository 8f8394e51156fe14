// Tests of the statements about the order of the queue.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  countAhead,
  countQueued,
  MOST_PASSED,
  moveFirst,
  moveOn,
  nextEligibleAt,
  queueHead,
  startableJobs,
} from "./jobs-queue.ts";
import { insertJob, markRequeued, markStarting, setHeld } from "./jobs-write.ts";
import { newJob, openTempStore, type TempStore } from "./store.fixture.ts";
import { insertUser } from "./users.ts";
import { markCancelled } from "./cancel-sweeps.ts";

const ALICE = 1;
const BOB = 2;
const NOW = 1000;

let store: TempStore;

beforeEach(async () => {
  store = openTempStore();
  await store.db.write(() => {
    insertUser(store.db, { name: "alice", role: "member", created_at: 0 });
    insertUser(store.db, { name: "bob", role: "member", created_at: 0 });
  });
});

afterEach(() => store.close());

const add = (...jobs: readonly Parameters<typeof newJob>[0][]) =>
  store.db.write(() => jobs.map((job) => insertJob(store.db, newJob(job))));
const ids = (rows: Iterable<{ readonly id: number }>) => [...rows].map(({ id }) => id);
const startable = () => ids(startableJobs(store.db, NOW));

describe("startableJobs()", () => {
  test("gives queued jobs in the order of the queue with what they need", async () => {
    await add({}, { gpus: 2, cpus: 3, mem_bytes: 4 });
    expect([...startableJobs(store.db, NOW)]).toEqual([
      { id: 1, gpus: 0, cpus: 1, mem_bytes: 0 },
      { id: 2, gpus: 2, cpus: 3, mem_bytes: 4 },
    ]);
  });

  test("leaves out held jobs, those whose time has not come, and those started", async () => {
    await add({ held: 1 }, { eligible_at: NOW + 1 }, { eligible_at: NOW }, {}, {});
    await store.db.write(() => markStarting(store.db, 4, NOW));
    expect(startable()).toEqual([3, 5]);
  });

  test("can be left early and asked again", async () => {
    await add({}, {}, {});
    for (const job of startableJobs(store.db, NOW)) {
      expect(job.id).toBe(1);
      break;
    }
    expect(startable()).toEqual([1, 2, 3]);
  });
});

describe("nextEligibleAt()", () => {
  test("gives the earliest time to come of a job that is not held", async () => {
    await add(
      {},
      { eligible_at: NOW },
      { eligible_at: NOW + 30 },
      { eligible_at: NOW + 20 },
      { eligible_at: NOW + 10, held: 1 },
    );
    expect(nextEligibleAt(store.db, NOW)).toBe(NOW + 20);
    expect(nextEligibleAt(store.db, NOW + 20)).toBe(NOW + 30);
    expect(nextEligibleAt(store.db, NOW + 30)).toBeNull();
  });
});

describe("countQueued(), countAhead() and queueHead()", () => {
  test("count held jobs as queued, but not as standing before another", async () => {
    await add({}, { held: 1 }, {}, {});
    expect(countQueued(store.db)).toBe(4);
    expect(countAhead(store.db, 4)).toBe(2);
    expect(countAhead(store.db, 1)).toBe(0);
    expect(ids(queueHead(store.db, 3))).toEqual([1, 2, 3]);
  });

  test("count no job that has started", async () => {
    await add({}, {});
    await store.db.write(() => markStarting(store.db, 1, NOW));
    expect(countQueued(store.db)).toBe(1);
    expect(countAhead(store.db, 2)).toBe(0);
    expect(ids(queueHead(store.db, 3))).toEqual([2]);
  });
});

describe("moveFirst()", () => {
  test("lets one user's jobs exchange places, and moves nobody else's", async () => {
    await add(
      { user_id: ALICE },
      { user_id: BOB },
      { user_id: ALICE },
      { user_id: BOB },
      { user_id: ALICE },
    );
    await store.db.write(() => moveFirst(store.db, { id: 5, user_id: ALICE }));
    expect(startable()).toEqual([5, 2, 1, 4, 3]);
  });

  test("moves one job alone where nobody else's stands between, into the place before the first", async () => {
    await add({ user_id: BOB }, ...Array.from({ length: 4 }, () => ({ user_id: ALICE })));
    await store.db.write(() => markCancelled(store.db, [2], { at: NOW, outcome: "{}" }));
    const ranks = () =>
      store.db.all("SELECT id, queue_rank FROM jobs WHERE state = 'queued' ORDER BY queue_rank");
    await store.db.write(() => moveFirst(store.db, { id: 5, user_id: ALICE }));
    expect(ranks()).toEqual([
      { id: 1, queue_rank: 1 },
      { id: 5, queue_rank: 2 },
      { id: 3, queue_rank: 3 },
      { id: 4, queue_rank: 4 },
    ]);
  });

  test("does not pass a started job of somebody else, which may come back", async () => {
    await add({ user_id: ALICE }, { user_id: BOB }, { user_id: ALICE }, { user_id: ALICE });
    await store.db.write(() => {
      markStarting(store.db, 1, NOW);
      markStarting(store.db, 2, NOW);
      moveFirst(store.db, { id: 4, user_id: ALICE });
    });
    await store.db.write(() =>
      markRequeued(store.db, 2, { from: "starting", eligible_at: NOW, outcome: "{}" }),
    );
    expect(startable()).toEqual([2, 4, 3]);
  });

  test("moves one job alone where the user's own started ones come right before, and takes the place of none", async () => {
    await add(...Array.from({ length: 6 }, () => ({ user_id: ALICE })));
    await store.db.write(() => {
      for (const id of [1, 2, 3]) markStarting(store.db, id, NOW);
      expect(moveFirst(store.db, { id: 6, user_id: ALICE })).toBeNull();
    });
    expect(store.db.all("SELECT id, queue_rank FROM jobs ORDER BY queue_rank")).toEqual(
      [6, 1, 2, 3, 4, 5].map((id) => ({ id, queue_rank: id === 6 ? 0 : id })),
    );
  });

  test("passes no more of a user's jobs in one step than a server can do beside its other work", async () => {
    const count = 2 * MOST_PASSED + 10;
    const owners = Array.from({ length: count }, (_, place) => (place % 3 === 1 ? BOB : ALICE));
    await add(...owners.map((user_id) => ({ user_id })), { user_id: ALICE });
    const job = { id: count + 1, user_id: ALICE };
    const before = startable();
    const ofAlice = before.filter((id) => id !== job.id && owners[id - 1] === ALICE);
    let place = await store.db.write(() => moveFirst(store.db, job));
    expect(place).toBe(1);
    let passed = MOST_PASSED;
    while (place !== null) {
      const now = startable();
      // At each step the others' places are theirs, and the user's other jobs keep their order.
      expect(now.map((id) => owners[id - 1] ?? ALICE)).toEqual([...owners, ALICE]);
      expect(now.filter((id) => owners[id - 1] === BOB)).toEqual(
        before.filter((id) => owners[id - 1] === BOB),
      );
      const own = now.filter((id) => owners[id - 1] !== BOB);
      expect(own.filter((id) => id !== job.id)).toEqual(ofAlice);
      expect(own.indexOf(job.id)).toBe(Math.max(0, ofAlice.length - passed));
      const to: number = place;
      if (!(await store.db.write(() => moveOn(store.db, job, to)))) place = null;
      passed += MOST_PASSED;
    }
    expect(startable()[0]).toBe(job.id);
    expect(ids(queueHead(store.db, 3))).toEqual([job.id, 2, 1]);
  });

  test("ends on the way for a job that was started meanwhile", async () => {
    const owners = [BOB, ...Array.from({ length: MOST_PASSED + 5 }, () => ALICE), BOB, ALICE];
    await add(...owners.map((user_id) => ({ user_id })));
    const job = { id: owners.length, user_id: ALICE };
    const place = await store.db.write(() => moveFirst(store.db, job));
    expect(place).toBe(2);
    await store.db.write(() => markStarting(store.db, job.id, NOW));
    const before = startable();
    expect(await store.db.write(() => moveOn(store.db, job, 2))).toBeFalse();
    expect(startable()).toEqual(before);
  });

  test("changes nothing for the first job, and for a user's only one", async () => {
    await add({ user_id: ALICE }, { user_id: BOB });
    await store.db.write(() => {
      moveFirst(store.db, { id: 1, user_id: ALICE });
      moveFirst(store.db, { id: 2, user_id: BOB });
    });
    expect(startable()).toEqual([1, 2]);
  });

  test("counts held jobs among those that exchange places, and no started one", async () => {
    await add({}, {}, {});
    await store.db.write(() => {
      markStarting(store.db, 1, NOW);
      setHeld(store.db, 2, 1);
      moveFirst(store.db, { id: 3, user_id: ALICE });
    });
    expect(ids(queueHead(store.db, 9))).toEqual([3, 2]);
    await store.db.write(() => setHeld(store.db, 2, 0));
    expect(startable()).toEqual([3, 2]);
  });
});
