// Tests that the schema itself repels rows that no job may be.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { FINAL_STATES, isFinal, JOB_STATES } from "@fetchml/protocol";
import type { Bindings } from "./database.ts";
import { jobIn, openSchemaTrial, OUTCOME, type SchemaTrial } from "./schema.fixture.ts";

let trial: SchemaTrial;

beforeAll(async () => {
  trial = await openSchemaTrial();
});

afterAll(() => trial.close());

const faultOf = (table: string, columns: Bindings) => trial.faultOf(table, columns);

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

  const wrong: readonly (readonly [string, Bindings])[] = [
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
      const fault = await faultOf("jobs", { ...jobIn("queued"), ...columns });
      expect(fault).toMatch(/^CHECK constraint failed|^cannot store/);
      expect(fault).toContain(Object.keys(columns).join());
    });
  }

  test("may not belong to nobody, nor name a snapshot that is not there", async () => {
    for (const columns of [{ user_id: 99 }, { snapshot: "0".repeat(64) }]) {
      expect(await faultOf("jobs", { ...jobIn("queued"), ...columns })).toContain("FOREIGN KEY");
    }
  });
});
