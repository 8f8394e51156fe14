// Queues a job once, however often the answer is lost on the way.
import type { RedoParams, ResultOf, SubmitParams } from "@fetchml/protocol";
import type { Client } from "../client.ts";
import type { Link } from "./link.ts";
import { Reconnection, type Persistence } from "./reconnection.ts";

const DEFAULT_GIVE_UP_MS = 30_000;

/**
 * Queues a job. When the connection is lost before the answer, it asks again under the same `submission` word, by which the
 * server knows the job it may have queued already. Gives up 30 s after a loss unless told otherwise.
 *
 * @throws FetchmlError the server's refusal; `unreachable` when it is not known whether the job was queued
 */
export function submitJob(
  link: Link,
  params: SubmitParams,
  persistence: Persistence = {},
): Promise<ResultOf<"job.submit">> {
  const request = { ...params, submission: params.submission ?? crypto.randomUUID() };
  return untilAnswered(link, persistence, (client) => client.call("job.submit", request));
}

/** Queues a job anew, as {@link submitJob} queues one. @throws FetchmlError the same */
export function redoJob(
  link: Link,
  params: RedoParams,
  persistence: Persistence = {},
): Promise<ResultOf<"job.redo">> {
  const request = { ...params, submission: params.submission ?? crypto.randomUUID() };
  return untilAnswered(link, persistence, (client) => client.call("job.redo", request));
}

async function untilAnswered<T>(
  link: Link,
  persistence: Persistence,
  call: (client: Client) => Promise<T>,
): Promise<T> {
  const reconnection = new Reconnection(link, {
    giveUpAfterMs: DEFAULT_GIVE_UP_MS,
    ...persistence,
  });
  let client = await reconnection.first();
  for (;;) {
    try {
      return await call(client);
    } catch (error) {
      client = await reconnection.again(error);
    }
  }
}
