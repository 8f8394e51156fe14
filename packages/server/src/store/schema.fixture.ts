// Puts rows into a fresh store to see which of them the schema takes.
import { isFinal, type JobState } from "@fetchml/protocol";
import type { Bindings } from "./database.ts";
import { openTempStore, rejectionOf, type TempStore } from "./store.fixture.ts";
import { insertUser } from "./users.ts";

/** A store with user 1, and a way to try rows on it. */
export interface SchemaTrial extends TempStore {
  /** The fault SQLite finds in the last of these rows; undefined when it takes it. No row stays. */
  faultOf(table: string, columns: Bindings, ...before: readonly Row[]): Promise<string | undefined>;
}

/** A table and the columns of a row for it. */
export type Row = readonly [table: string, columns: Bindings];

/** Opens a store for trials. */
export async function openSchemaTrial(): Promise<SchemaTrial> {
  const store = openTempStore();
  const { db } = store;
  await db.write(() => insertUser(db, { name: "alice", role: "member", created_at: 0 }));
  const insert = ([table, columns]: Row) => {
    const names = Object.keys(columns);
    const values = names.map((name) => `$${name}`);
    db.run(`INSERT INTO ${table} (${names.join(", ")}) VALUES (${values.join(", ")})`, columns);
  };
  return {
    ...store,
    faultOf: async (table, columns, ...before) => {
      const undone = await rejectionOf(
        db.write(() => {
          for (const row of before) insert(row);
          insert([table, columns]);
          throw new Error("taken");
        }),
      );
      return undone?.message === "taken" ? undefined : undone?.message;
    },
  };
}

/** What a lawful row of a job or an attempt has as its outcome. */
export const OUTCOME = '{"kind":"exited","exit_code":0}';

/** A lawful row of a job in that state. */
export function jobIn(state: JobState): Bindings {
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
    no_output_ms: null,
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
