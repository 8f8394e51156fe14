// A store in a temporary folder for tests, and rows to put into it.
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Database } from "./database.ts";
import type { NewJob } from "./jobs-write.ts";
import { openStore } from "./open-store.ts";

/** A folder of its own, gone after {@link remove}. */
export interface TempFolder {
  readonly path: string;
  /** Removes it with all it holds. Safe twice. */
  remove(): void;
}

/** Makes a folder with a short name below the system's temporary one. */
export function openTempFolder(): TempFolder {
  const path = mkdtempSync(join(tmpdir(), "fml-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** A migrated database in a folder of its own. */
export interface TempStore {
  readonly db: Database;
  readonly folder: string;
  /** Closes the database and removes the folder. Safe twice. */
  close(): void;
}

/** Opens a fresh store; its migrations are dated 0. */
export function openTempStore(): TempStore {
  const folder = openTempFolder();
  const db = openStore(folder.path, 0);
  return {
    db,
    folder: folder.path,
    close: () => {
      db.close();
      folder.remove();
    },
  };
}

/** The columns of a small job of user 1, but for what is said. */
export function newJob(columns: Partial<NewJob> = {}): NewJob {
  return {
    user_id: 1,
    name: "train",
    held: 0,
    gpus: 0,
    cpus: 1,
    mem_bytes: 0,
    timeout_ms: null,
    no_output_ms: null,
    retries: 0,
    created_at: 0,
    eligible_at: null,
    command: '{"argv":["true"]}',
    cwd: "",
    env: "{}",
    snapshot: null,
    git: null,
    redo_of: null,
    retry_on: "[]",
    secrets: "[]",
    setup: null,
    mounts: "[]",
    submission: null,
    ...columns,
  };
}

/** What the promise rejects with; undefined when it does not. Unlike bun's `rejects` it leaves the event loop alone. */
export function rejectionOf(promise: Promise<unknown>): Promise<Error | undefined> {
  return promise.then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
  );
}

/** Paths of the files that this process has open. */
export function openFiles(): readonly string[] {
  return readdirSync("/proc/self/fd").map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      // The folder was read through a descriptor that is closed by now.
      return "";
    }
  });
}
