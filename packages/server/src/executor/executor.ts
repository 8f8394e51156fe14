// The seam between the scheduler and whatever starts attempts. The local executor implements it; a Slurm one will.
import type { PeakMemory } from "@fetchml/protocol";
import type { AttemptEnd } from "../domain/attempt-end.ts";
import type { AttemptKey } from "../domain/attempt-key.ts";
import type { AttemptSpec } from "../domain/attempt-spec.ts";

/** What an executor knows of an attempt. `unknown` is never to be taken for failed. */
export type Observation =
  | { readonly kind: "starting" }
  | { readonly kind: "running"; readonly startedAt: number }
  | {
      readonly kind: "ended";
      readonly outcome: AttemptEnd;
      readonly endedAt: number;
      /** What memory it used at most; missing where that is not known. */
      readonly peak?: PeakMemory;
    }
  | { readonly kind: "unknown"; readonly why: string };

/** One GPU that an executor can give to attempts. */
export interface GpuDevice {
  readonly uuid: string;
  readonly index: number;
  readonly name: string;
  readonly memoryBytes: number;
}

/** What an executor can run at the same time, in all. */
export interface Capacity {
  readonly cpus: number;
  readonly memBytes: number;
  readonly gpus: readonly GpuDevice[];
}

/** The disk had no room to lay out an attempt's files. */
export interface NoRoom {
  /** What was short, for the job's owner. */
  readonly why: string;
}

/** Starts attempts and tells how they end. Both implementations pass the same conformance suite. */
export interface Executor {
  /**
   * Starts an attempt, or does nothing when it was started before, however often it is called and whatever died between.
   * Resolves as soon as its supervisor runs. An attempt that cannot be started is answered by {@link observe} as ended with
   * `failed-to-start`; nothing is thrown for it. Where the disk had no room for its files that is answered: nothing of it was
   * begun, and nothing will be before the next call.
   */
  start(spec: AttemptSpec): Promise<NoRoom | null>;

  /** Tells of each attempt asked about, in the same order, in one go. */
  observe(attempts: readonly AttemptKey[]): Promise<readonly Observation[]>;

  /**
   * Begins to end an attempt: TERM, after `graceMs` KILL; resolves when that is on disk and TERM is sent. It holds across a
   * restart. A second call may only shorten the grace. Nothing happens to an attempt that has ended.
   */
  cancel(attempt: AttemptKey, graceMs: number): Promise<void>;

  /** Gives an attempt another time limit, counted from its start; `null` means none. */
  setTimeout(attempt: AttemptKey, timeoutMs: number | null): Promise<void>;

  /** Attempts that this executor still finds alive, whoever asks: what a restart compares with the store. */
  alive(): Promise<readonly AttemptKey[]>;

  /** How long a running attempt has written nothing, once that is half of the time that it may; else `null`. */
  silence(attempt: AttemptKey): { readonly silentMs: number; readonly limitMs: number } | null;

  capacity(): Capacity;

  /**
   * Calls the listener after an attempt has begun to run or has ended. A hint to observe: it may come twice or for nothing.
   * Returns what takes the listener off again.
   */
  onChange(listener: (attempt: AttemptKey) => void): () => void;

  /** Stops watching. Attempts go on. Complete on return, safe twice. */
  close(): Promise<void>;
}
