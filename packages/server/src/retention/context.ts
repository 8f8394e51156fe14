// What every step of a collection works with.
import { join } from "node:path";
import type { Clock } from "../domain/clock.ts";
import type { DiskRoom } from "../domain/disk-room.ts";
import type { RetentionRules } from "../domain/retention-rules.ts";
import type { SnapshotsInUse } from "../snapshots/snapshots-in-use.ts";
import type { Database } from "../store/database.ts";
import type { Log } from "../telemetry/log.ts";
import type { Tally } from "./tally.ts";
import { Trash } from "./trash.ts";

/** A store of things beside jobs and snapshots that knows itself which of them are in use. */
export interface OtherStore {
  /** Where it lies. */
  readonly path: string;
  /** Removes what is not in use, or with `dryRun` finds out what that is. Rejects when the signal is aborted. */
  collect(how: {
    readonly dryRun: boolean;
    /** Only what was last used between these times; epoch milliseconds. */
    readonly usedSince: number;
    readonly usedBefore: number;
    /** Longest unused first, until so many bytes are free. */
    readonly bytes: number;
    readonly signal: AbortSignal;
  }): Promise<{ readonly count: number; readonly bytes: number }>;
}

/** What a collector is built from. */
export interface RetentionOptions {
  readonly dataDir: string;
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly rules: RetentionRules;
  readonly room: DiskRoom;
  readonly inUse: SnapshotsInUse;
  /** Most that one upload may bring; bytes. */
  readonly largestUploadBytes: number;
  /** The kept results of `setup`, where there are any. */
  readonly setups: OtherStore | null;
}

/** The same with the places on the disk. */
export interface RetentionContext extends RetentionOptions {
  readonly attempts: string;
  readonly checkpoints: string;
  readonly snapshots: string;
  /** One in each folder, so that things get there by a rename wherever the admin has put the folder. */
  readonly trash: Readonly<Record<"attempts" | "checkpoints" | "snapshots", Trash>>;
}

/** One collection. */
export interface Pass {
  /** Whether it only looks. */
  readonly dryRun: boolean;
  /** When it began; everything is judged by that time. */
  readonly now: number;
  readonly signal: AbortSignal;
  readonly tally: Tally;
  /** Snapshots that it has given up, or in a dry run would give up. */
  readonly givenUp: Set<string>;
}

/** Adds the places to what a collector is built from. */
export function retentionContext(options: RetentionOptions): RetentionContext {
  const { dataDir } = options;
  const attempts = join(dataDir, "attempts");
  const checkpoints = join(dataDir, "checkpoints");
  const snapshots = join(dataDir, "snapshots");
  return {
    ...options,
    attempts,
    checkpoints,
    snapshots,
    trash: {
      attempts: new Trash(join(attempts, TRASH)),
      checkpoints: new Trash(join(checkpoints, TRASH)),
      snapshots: new Trash(join(snapshots, TRASH)),
    },
  };
}

/** Name of the folder for what is to be removed; nothing else in those folders begins with a dot. */
export const TRASH = ".trash";
