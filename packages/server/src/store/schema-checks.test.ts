// Tests that the schema itself repels rows that no job, key or user may be.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { FINAL_STATES, isFinal, JOB_STATES, type JobState } from "@fetchml/protocol";
import { openTempStore, rejectionOf, type TempStore } from "./store.fixture.ts";

type Columns = Readonly<Record<string, string | number | null>>;

let store: TempStore;

beforeAll(async () => {
  store = openTempStore();
  await store.db.write(() =>
    insert("users", { id: 1, name: "alice", role: "member", created_at: 0 }),
  );
});

afterAll(() => store.close());

function insert(table: string, columns: Columns): void {
  const names = Object.keys(columns);
  store.db.run(
    `INSERT INTO ${table} (${names.join(", ")}) VALUES (${names.map((name) => `$${name}`).join(", ")})`,
    columns,
  );
}

/** The fault SQLite finds in a row; undefined when it takes the row. The row never stays. */
async function faultOf(table: string, columns: Columns): Promise<string | undefined> {
  const undone = await rejectionOf(
    store.db.write(() => {
      insert(table, columns);
      throw new Error("taken");
    }),
  );
  return undone?.message === "taken" ? undefined : undone?.message;
}

const OUTCOME = '{"kind":"exited","exit_code":0}';

/** A lawful row of a job in that state. */
function jobIn(state: JobState): Columns {
  const job = {
    user_id: 1,
    name: "train",
    state,
    queue_rank: 1,
    held: 0,
    gpus: 0,
    cpus: 1,
    mem_bytes: 0,
    timeout_ms: null,
    retries: 0,
    attempt: state === "queued" ? 0 : 1,
    created_at: 0,
    cancelled_by: state === "cancelling" ? "alice" : null,
    command: '{"argv":["true"]}',
    cwd: "",
    env: "{}",
  };
  return isFinal(state) ? { ...job, ended_at: 1, outcome: OUTCOME } : job;
}

describe("a row of jobs", () => {
  for (const state of JOB_STATES) {
    test(`may be ${state}`, async () => {
      expect(await faultOf("jobs", jobIn(state))).toBeUndefined();
    });
  }

  for (const state of FINAL_STATES) {
    test(`may not be ${state} without an end time, nor without an outcome`, async () => {
      const noTime = await faultOf("jobs", { ...jobIn(state), ended_at: null });
      expect(noTime).toContain("CHECK");
      expect(await faultOf("jobs", { ...jobIn(state), outcome: null })).toContain("CHECK");
    });
  }

  for (const state of JOB_STATES.filter((each) => !isFinal(each))) {
    test(`may not be ${state} with an end time`, async () => {
      const row = { ...jobIn(state), ended_at: 1, outcome: OUTCOME };
      expect(await faultOf("jobs", row)).toContain("CHECK");
    });
  }

  for (const state of ["starting", "running", "cancelling"] as const) {
    test(`may not be ${state} without an attempt, nor while it is held`, async () => {
      expect(await faultOf("jobs", { ...jobIn(state), attempt: 0 })).toContain("CHECK");
      expect(await faultOf("jobs", { ...jobIn(state), held: 1 })).toContain("CHECK");
    });
  }

  test("may be held only in the queue, and when it was cancelled there", async () => {
    for (const state of JOB_STATES) {
      const fault = await faultOf("jobs", { ...jobIn(state), held: 1 });
      expect([state, fault === undefined]).toEqual([
        state,
        state === "queued" || state === "cancelled",
      ]);
    }
  });

  test("may not be cancelling without a name of who asked", async () => {
    expect(await faultOf("jobs", { ...jobIn("cancelling"), cancelled_by: null })).toContain(
      "CHECK",
    );
  });

  const wrong: readonly (readonly [string, Columns])[] = [
    ["a state that does not exist", { state: "done" }],
    ["no name", { name: "" }],
    ["a name of 64 characters", { name: "x".repeat(64) }],
    ["no CPU", { cpus: 0 }],
    ["GPUs below zero", { gpus: -1 }],
    ["memory below zero", { mem_bytes: -1 }],
    ["half a GPU", { gpus: 0.5 }],
    ["a timeout of nothing", { timeout_ms: 0 }],
    ["retries below zero", { retries: -1 }],
    ["attempts below zero", { attempt: -1 }],
    ["held neither yes nor no", { held: 2 }],
    ["a command that is not JSON", { command: "python3" }],
    ["an environment that is not JSON", { env: "A=1" }],
    ["an outcome that is not JSON", { outcome: "well" }],
    ["text for a number", { cpus: "two" }],
  ];
  for (const [what, columns] of wrong) {
    test(`may not have ${what}`, async () => {
      expect(await faultOf("jobs", { ...jobIn("queued"), ...columns })).toMatch(
        /CHECK|cannot store/,
      );
    });
  }

  test("may not belong to nobody, nor name a snapshot that is not there", async () => {
    for (const columns of [{ user_id: 99 }, { snapshot: "0".repeat(64) }]) {
      expect(await faultOf("jobs", { ...jobIn("queued"), ...columns })).toContain("FOREIGN KEY");
    }
  });
});

describe("a row of users", () => {
  const bob = { name: "bob", role: "member", created_at: 0 };
  test("may not have an unknown role, a second of the same name, or no name", async () => {
    expect(await faultOf("users", bob)).toBeUndefined();
    expect(await faultOf("users", { ...bob, role: "root" })).toContain("CHECK");
    expect(await faultOf("users", { ...bob, name: "alice" })).toContain("UNIQUE");
    expect(await faultOf("users", { ...bob, name: "" })).toContain("CHECK");
    expect(await faultOf("users", { ...bob, name: "x".repeat(33) })).toContain("CHECK");
  });
});

describe("a row of api_keys", () => {
  const key = { id: "ab12", user_id: 1, api_key_hash: "0".repeat(64), created_at: 0 };
  test("may not have a wrong id, a short hash or no user", async () => {
    expect(await faultOf("api_keys", key)).toBeUndefined();
    expect(await faultOf("api_keys", { ...key, id: "ab1" })).toContain("CHECK");
    expect(await faultOf("api_keys", { ...key, api_key_hash: "0".repeat(63) })).toContain("CHECK");
    expect(await faultOf("api_keys", { ...key, user_id: 9 })).toContain("FOREIGN KEY");
  });
});

describe("a row of attempts", () => {
  test("has an end time and an outcome, or neither", async () => {
    const { db } = store;
    const fault = async (columns: Columns) => {
      const undone = await rejectionOf(
        db.write(() => {
          insert("jobs", { ...jobIn("running"), id: 50 });
          insert("attempts", { job_id: 50, number: 1, started_at: 0, gpu_uuids: "[]", ...columns });
          throw new Error("taken");
        }),
      );
      return undone?.message;
    };
    expect(await fault({})).toBe("taken");
    expect(await fault({ ended_at: 1, outcome: OUTCOME })).toBe("taken");
    expect(await fault({ ended_at: 1 })).toContain("CHECK");
    expect(await fault({ outcome: OUTCOME })).toContain("CHECK");
    expect(await fault({ number: 0 })).toContain("CHECK");
    expect(await fault({ gpu_uuids: "A" })).toContain("CHECK");
    expect(await fault({ job_id: 51 })).toContain("FOREIGN KEY");
  });
});
