// Tests that the schema itself repels rows that no user, key, attempt, snapshot or line of the audit may be.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Bindings } from "./database.ts";
import { jobIn, openSchemaTrial, OUTCOME, type Row, type SchemaTrial } from "./schema.fixture.ts";

const HASH = "0".repeat(64);

/** For each table a lawful row, what must stand before it, and changes with a word of the fault they are. */
const TABLES: readonly {
  readonly table: string;
  readonly row: Bindings;
  readonly before?: readonly Row[];
  readonly faults: readonly (readonly [fault: string, change: Bindings])[];
}[] = [
  {
    table: "users",
    row: { name: "bob", role: "member", created_at: 0 },
    faults: [
      ["CHECK constraint failed: role", { role: "root" }],
      ["UNIQUE constraint failed: users.name", { name: "alice" }],
      ["CHECK constraint failed: length(name)", { name: "" }],
      ["CHECK constraint failed: length(name)", { name: "x".repeat(33) }],
    ],
  },
  {
    table: "api_keys",
    row: { id: "ab12", user_id: 1, api_key_hash: HASH, created_at: 0 },
    faults: [
      ["CHECK constraint failed: length(id)", { id: "ab1" }],
      ["CHECK constraint failed: length(api_key_hash)", { api_key_hash: "0" }],
      ["FOREIGN KEY constraint failed", { user_id: 9 }],
      ["FOREIGN KEY constraint failed", { superseded_by: "zzzz", grace_ends_at: 1 }],
    ],
  },
  {
    table: "attempts",
    row: { job_id: 50, number: 1, started_at: 0, gpu_uuids: "[]" },
    before: [["jobs", { ...jobIn("running"), id: 50 }]],
    faults: [
      ["CHECK constraint failed: (ended_at", { ended_at: 1 }],
      ["CHECK constraint failed: (ended_at", { outcome: OUTCOME }],
      ["CHECK constraint failed: outcome", { ended_at: 1, outcome: "well" }],
      ["CHECK constraint failed: number", { number: 0 }],
      ["CHECK constraint failed: json_valid(gpu_uuids)", { gpu_uuids: "A" }],
      ["CHECK constraint failed: peak_mem_bytes", { peak_mem_bytes: 0, peak_mem_of: "attempt" }],
      ["CHECK constraint failed: (peak_mem_of", { peak_mem_bytes: 1 }],
      ["CHECK constraint failed: (peak_mem_of", { peak_mem_of: "attempt" }],
      ["CHECK constraint failed: (peak_mem_of", { peak_mem_bytes: 1, peak_mem_of: "job" }],
      ["FOREIGN KEY constraint failed", { job_id: 51 }],
    ],
  },
  {
    table: "snapshots",
    row: { id: HASH, created_at: 0, file_count: 0, size_bytes: 0 },
    faults: [["CHECK constraint failed: length(id)", { id: "0" }]],
  },
  {
    table: "snapshot_holders",
    row: { user_id: 1, snapshot: HASH },
    before: [["snapshots", { id: HASH, created_at: 0, file_count: 0, size_bytes: 0 }]],
    faults: [
      ["FOREIGN KEY constraint failed", { user_id: 9 }],
      ["FOREIGN KEY constraint failed", { snapshot: "1".repeat(64) }],
    ],
  },
  {
    table: "blob_holders",
    row: { user_id: 1, hash: HASH },
    faults: [
      ["FOREIGN KEY constraint failed", { user_id: 9 }],
      ["CHECK constraint failed: length(hash)", { hash: "0" }],
    ],
  },
  {
    table: "audit",
    row: { at: 0, actor: "ab12", action: "user.add", ok: 1 },
    faults: [["CHECK constraint failed: ok", { ok: 2 }]],
  },
];

let trial: SchemaTrial;

beforeAll(async () => {
  trial = await openSchemaTrial();
});

afterAll(() => trial.close());

for (const { table, row, before = [], faults } of TABLES) {
  describe(`a row of ${table}`, () => {
    test("is taken when it is lawful", async () => {
      expect(await trial.faultOf(table, row, ...before)).toBeUndefined();
    });

    for (const [fault, change] of faults) {
      test(`is refused with ${JSON.stringify(change)}`, async () => {
        const found = await trial.faultOf(table, { ...row, ...change }, ...before);
        expect(found).toStartWith(fault);
      });
    }
  });
}

test("queue_counts has one row, and counts that can be", async () => {
  for (const [change, fault] of [
    ["INSERT INTO queue_counts (id, queued, waiting) VALUES (2, 0, 0)", "id = 1"],
    ["UPDATE queue_counts SET queued = -1, waiting = -1", ">= 0"],
    ["UPDATE queue_counts SET waiting = queued + 1", "BETWEEN 0 AND queued"],
  ] as const) {
    expect(() => trial.db.transact(() => trial.db.run(change))).toThrow(fault);
  }
});
