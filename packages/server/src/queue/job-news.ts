// Tells of the changes of some jobs, however the news of them come.
import type { Job } from "@fetchml/protocol";
import type { QueueContext } from "./context.ts";

/** Calls back with each of these jobs after each of its changes, from now on; returns what ends that. */
export function listenToJobs(
  ctx: Pick<QueueContext, "news">,
  wanted: ReadonlySet<number>,
  tell: (job: Job) => void,
): () => void {
  return ctx.news.listen((item) => {
    if (item.kind === "job-changed" && wanted.has(item.job.id)) tell(item.job);
    if (item.kind !== "jobs-cancelled") return;
    for (const id of wanted.intersection(item.ids)) {
      const job = item.job(id);
      if (job !== null) tell(job);
    }
  });
}
