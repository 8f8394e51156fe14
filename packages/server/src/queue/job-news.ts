// Tells of the changes of some jobs, however the news of them come.
import type { Job } from "@fetchml/protocol";
import { jobOf } from "../store/job-row.ts";
import { jobById } from "../store/jobs-read.ts";
import type { QueueContext } from "./context.ts";
import { momentOf } from "./moment.ts";

/** Calls back with each of these jobs after each of its changes, from now on; returns what ends that. */
export function listenToJobs(
  ctx: Pick<QueueContext, "db" | "clock" | "news">,
  wanted: ReadonlySet<number>,
  tell: (job: Job) => void,
): () => void {
  return ctx.news.listen((item) => {
    if (item.kind === "job-changed" && wanted.has(item.job.id)) tell(item.job);
    if (item.kind !== "jobs-cancelled") return;
    for (const id of wanted.intersection(item.ids)) {
      const row = jobById(ctx.db, id);
      if (row !== null) tell(jobOf(row, momentOf(ctx)));
    }
  });
}
