// A server with jobs whose outputs the test writes, and requests for them.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { IssuedKey, OutputEntry, OutputLine } from "@fetchml/protocol";
import { issueKey } from "../auth/keys.ts";
import { attemptFolder } from "../domain/attempt-folder.ts";
import { startJobsByHand, type JobsByHand } from "./jobs-by-hand.fixture.ts";

/** What the tests of outputs work with; `jobs.rpc.close()` ends it. */
export interface JobOutputs {
  readonly jobs: JobsByHand;
  /** A key of alice by which no connection is open. */
  readonly key: IssuedKey;
  /** Submits a job of alice and makes its first attempt run; answers its id. */
  begin(): Promise<number>;
  /** Fails the first attempt of a job that may be retried, and makes the second one run. */
  retry(jobId: number): Promise<void>;
  /** Absolute path of the outputs of an attempt; they are made by the first write. */
  folder(jobId: number, attempt?: number): string;
  /** Writes an output; answers its absolute path. */
  write(jobId: number, path: string, content?: string | Uint8Array, attempt?: number): string;
  /** Sends a request below `/jobs/` with alice's key, or another, or none. */
  ask(path: string, options?: Asking): Promise<Response>;
  /** The lines of a listing. */
  list(path: string): Promise<OutputLine[]>;
}

export interface Asking {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly key?: string | null;
}

/** Starts the server. */
export async function startJobOutputs(): Promise<JobOutputs> {
  const jobs = await startJobsByHand();
  const { url, ctx } = jobs.rpc;
  const key = await issueKey(ctx.auth, { actor: "root", address: null }, { user: "alice" });
  const folder = (jobId: number, attempt = 1) =>
    attemptFolder(ctx.dataDir, { jobId, attempt }).outputs;
  const ask = (path: string, { method = "GET", headers = {}, key: shown }: Asking = {}) =>
    fetch(`${url}/jobs/${path}`, {
      method,
      headers: {
        ...headers,
        "accept-encoding": "identity",
        ...(shown === null ? {} : { authorization: `Bearer ${shown ?? key.api_key}` }),
      },
    });
  return {
    jobs,
    key,
    folder,
    ask,
    begin: async () => {
      const id = await jobs.submit();
      await jobs.start(id);
      return id;
    },
    retry: async (jobId) => {
      await jobs.end(jobId, 1);
      await jobs.alice.result("job.edit", { job: String(jobId), begin_at: null });
      await jobs.start(jobId, 2);
    },
    write: (jobId, path, content = path, attempt = 1) => {
      const file = join(folder(jobId, attempt), path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
      return file;
    },
    list: async (path) =>
      (await (await ask(path)).text())
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as OutputLine),
  };
}

/** The entries among the lines of a listing. */
export function entriesOf(lines: readonly OutputLine[]): OutputEntry[] {
  return lines.flatMap((line) => (line.line === "entry" ? [line.entry] : []));
}
