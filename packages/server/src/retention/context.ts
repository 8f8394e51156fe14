// What every step of a collection works with.
import { join } from "node:path";
import type { Clock } from "../domain/clock.ts";
import type { DiskRoom, DiskView } from "../domain/disk-room.ts";
import type { JobPart, RetentionRules } from "../domain/retention-rules.ts";
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

/** What the config file says now, which a running server need not have taken. */
export interface RulesInFile {
  readonly rules: RetentionRules;
  readonly room: DiskRoom;
  /** The keys of which the running server goes by another value. */
  readonly notTaken: readonly string[];
}

/** What a collector is built from. */
export interface RetentionOptions {
  readonly dataDir: string;
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  /** Those in force; each collection goes by those of its beginning. */
  readonly rules: () => RetentionRules;
  /** By which a dry run goes; default by those in force. @throws FetchmlError bad-file */
  readonly rulesInFile?: () => RulesInFile;
  readonly room: DiskRoom;
  readonly inUse: SnapshotsInUse;
  /** Most that one upload may bring; bytes. */
  readonly largestUploadBytes: number;
  /** The kept results of `setup`, where there are any. */
  readonly setups: OtherStore | null;
}

/** The same with the places on the disk, for one collection. */
export interface RetentionContext extends Omit<RetentionOptions, "rules" | "rulesInFile"> {
  readonly rules: RetentionRules;
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
  /** In a dry run, parts of jobs that it would have given up by then, as {@link partKey} writes them. */
  readonly givenUpParts: Set<string>;
  /** In a dry run, bytes of parts of jobs that nobody has measured before, by {@link partKey}: it notes them nowhere else. */
  readonly measured: Map<string, number>;
}

/** One part of one job in {@link Pass.givenUpParts}. */
export function partKey(part: JobPart, jobId: number): string {
  return `${part} ${jobId}`;
}

/** The disk as it is; in a dry run as it would be by then. Of files it tells what there is. */
export function roomByThen({ room }: RetentionContext, { dryRun, tally }: Pass): DiskView {
  const view = room.look();
  return dryRun ? { ...view, free_bytes: view.free_bytes + tally.bytes } : view;
}

/** Adds the places to what a collector is built from, with the rules in force. */
export function retentionContext(options: RetentionOptions): RetentionContext {
  const { dataDir } = options;
  const attempts = join(dataDir, "attempts");
  const checkpoints = join(dataDir, "checkpoints");
  const snapshots = join(dataDir, "snapshots");
  return {
    ...options,
    rules: options.rules(),
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
