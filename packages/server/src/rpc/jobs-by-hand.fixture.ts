// A server whose jobs are run by the test itself: started, written for, and ended when it says so.
import { appendFileSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { Outcome } from "@fetchml/protocol";
import { attemptFolder } from "../domain/attempt-folder.ts";
import { claimJobs } from "../queue/claim.ts";
import { recordEnd, recordRunning } from "../queue/record-attempt.ts";
import { JsonRpcClient } from "./json-rpc-client.fixture.ts";
import { startRpc, type RpcFixture } from "./rpc.fixture.ts";
import { SUBMIT } from "./submit.fixture.ts";

export interface JobsByHand {
  readonly rpc: RpcFixture;
  /** The connection of alice, whose jobs they are. */
  readonly alice: JsonRpcClient;
  /** Opens a connection with that key. */
  open(key: string): Promise<JsonRpcClient>;
  /** Submits a job of alice; answers its id. */
  submit(retries?: number): Promise<number>;
  /** Starts what can start, and makes the job's attempt run with an empty log. */
  start(jobId: number, attempt?: number): Promise<void>;
  /** Adds to the log of an attempt. */
  write(jobId: number, data: string | Uint8Array, attempt?: number): void;
  /** Ends an attempt with that exit code. */
  end(jobId: number, exitCode?: number, attempt?: number): Promise<void>;
}

/** Starts the server; `rpc.close()` ends all of it. */
export async function startJobsByHand(): Promise<JobsByHand> {
  const rpc = await startRpc();
  const { queue, dataDir } = rpc.ctx;
  const open = (key: string) =>
    JsonRpcClient.connect(`${rpc.url.replace("http", "ws")}/ws`, {
      authorization: `Bearer ${key}`,
    });
  const alice = await open((await rpc.give("alice")).api_key);
  const write = (jobId: number, data: string | Uint8Array, attempt = 1) => {
    const { log } = attemptFolder(dataDir, { jobId, attempt });
    mkdirSync(dirname(log), { recursive: true });
    appendFileSync(log, data);
  };
  return {
    rpc,
    alice,
    open,
    write,
    submit: async (retries = 0) => {
      const { job } = await alice.result("job.submit", { ...SUBMIT, retries });
      return job.id;
    },
    start: async (jobId, attempt = 1) => {
      await claimJobs(queue);
      write(jobId, "", attempt);
      await recordRunning(queue, { jobId, attempt });
    },
    end: (jobId, exitCode = 0, attempt = 1) => {
      const outcome: Outcome = { kind: "exited", exit_code: exitCode };
      return recordEnd(queue, { jobId, attempt }, { outcome, endedAt: Date.now() });
    },
  };
}
