// What the calls work with, built once by whoever starts the server.
import type { Gpu } from "@fetchml/protocol";
import type { Authenticator } from "../auth/authenticate.ts";
import type { AuthContext } from "../auth/context.ts";
import type { QueueContext } from "../queue/context.ts";
import type { Collector } from "../retention/collector.ts";
import type { Secrets } from "../secrets/secrets.ts";
import type { Snapshots } from "../snapshots/snapshots.ts";
import type { Log } from "../telemetry/log.ts";

/** What the queue cannot know of the box. */
export interface BoxView {
  /** Name of the sandbox in which jobs run. */
  readonly sandbox: string;
  /** The box's GPUs now. */
  gpus(): readonly Omit<Gpu, "job_id" | "drained">[];
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
    | "sendManifest"
    | "sendBlobs"
  >;
  readonly collector: Pick<Collector, "start" | "show">;
  readonly secrets: Secrets;
  readonly box: BoxView;
  readonly log: Log;
  readonly dataDir: string;
  /** When this server started; epoch milliseconds. */
  readonly startedAt: number;
}
