// Submits a job once, however often the answer is lost on the way.
import type { ResultOf, SubmitParams } from "@fetchml/protocol";
import type { Link } from "./link.ts";
import { Reconnection, type Persistence } from "./reconnection.ts";

const DEFAULT_GIVE_UP_MS = 30_000;

/**
 * Queues a job. When the connection is lost before the answer, it asks again under the same `submission` word, by which the
 * server knows the job it may have queued already. Gives up 30 s after a loss unless told otherwise.
 *
 * @throws FetchmlError the server's refusal; `unreachable` when it is not known whether the job was queued
 */
export async function submitJob(
  link: Link,
  params: SubmitParams,
  persistence: Persistence = {},
): Promise<ResultOf<"job.submit">> {
  const request = { ...params, submission: params.submission ?? crypto.randomUUID() };
  const reconnection = new Reconnection(link, {
    giveUpAfterMs: DEFAULT_GIVE_UP_MS,
    ...persistence,
  });
  let client = await reconnection.first();
  for (;;) {
    try {
      return await client.call("job.submit", request);
    } catch (error) {
      client = await reconnection.again(error);
    }
  }
}
