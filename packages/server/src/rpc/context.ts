// What the calls work with, built once by whoever starts the server.
import type { Gpu } from "@fetchml/protocol";
import type { AttemptExec } from "../domain/attempt-exec.ts";
import type { AttemptKey } from "../domain/attempt-key.ts";
import type { Authenticator } from "../auth/authenticate.ts";
import type { AuthContext } from "../auth/context.ts";
import type { QueueContext } from "../queue/context.ts";
import type { Collector } from "../retention/collector.ts";
import type { Secrets } from "../secrets/secrets.ts";
import type { Snapshots } from "../snapshots/snapshots.ts";
import type { Log } from "../telemetry/log.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { UserTurns } from "./user-turns.ts";

/** What the queue cannot know of the box. */
export interface BoxView {
  /** Name of the sandbox in which jobs run. */
  readonly sandbox: string;
  /** Whether each job has a cgroup. */
  readonly cgroups: boolean;
  /** How long a running attempt has written nothing, where that may soon end it. Missing: nobody minds that here. */
  readonly silence?: (
    attempt: AttemptKey,
  ) => { readonly silentMs: number; readonly limitMs: number } | null;
  /** The box's GPUs now. */
  gpus(): readonly Pick<Gpu, "uuid" | "index" | "name" | "memory_bytes">[];
}

/** The rooms behind the calls, and what they are told of the box. */
export interface RpcContext {
  readonly queue: QueueContext;
  readonly auth: AuthContext;
  readonly authenticator: Authenticator;
  readonly snapshots: Pick<
    Snapshots,
    | "limits"
    | "acceptManifest"
    | "receiveBlobs"
    | "receiveBlob"
    | "completeSnapshot"
    | "findNamed"
    | "readManifest"
    | "sendManifest"
    | "sendBlobs"
  >;
  readonly collector: Pick<Collector, "start" | "show">;
  readonly secrets: Secrets;
  /** Turns for lists of outputs. */
  readonly listingTurns: UserTurns;
  /** Missing where no server runs. */
  readonly exec?: AttemptExec;
  readonly box: BoxView;
  readonly log: Log;
  /** What is counted while the server runs; missing where no server does. */
  readonly metrics?: Metrics;
  readonly dataDir: string;
  /** When this server started; epoch milliseconds. */
  readonly startedAt: number;
}
