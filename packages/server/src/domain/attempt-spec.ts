// What it takes to start one attempt.
import type { Command, Setup } from "@fetchml/protocol";
import type { AttemptKey } from "./attempt-key.ts";
import type { AttemptLimits } from "./guard-rules.ts";

/** All that an executor needs to start an attempt. */
export interface AttemptSpec extends AttemptKey {
  readonly jobName: string;
  readonly user: string;
  /** Number of the user in the store; never given twice. */
  readonly userId: number;
  readonly command: Command;
  /** Folder below the project's root in which the command starts; empty means the root. */
  readonly cwd: string;
  /** What the job asked for beyond what FetchML sets. */
  readonly env: Readonly<Record<string, string>>;
  /** Id of the snapshot to run from; `null`: an empty folder. */
  readonly snapshot: string | null;
  readonly gpuUuids: readonly string[];
  /** Absolute paths of the box that the job cannot do without. */
  readonly mounts: readonly string[];
  /** Names of the user's secrets that it gets as variables. */
  readonly secrets: readonly string[];
  /** What runs before the command; `null`: nothing. */
  readonly setup: Setup | null;
  /** Wall time from its start; `null` means none. */
  readonly timeoutMs: number | null;
  /** Memory that it asked for, in bytes; 0: it did not say. */
  readonly memBytes: number;
  /** CPU cores that it asked for. */
  readonly cpus: number;
  /** What it may take beside time. */
  readonly limits: AttemptLimits;
  /** Whether an earlier attempt of this job has run. */
  readonly resume: boolean;
}
