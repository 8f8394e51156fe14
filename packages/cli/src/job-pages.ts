// Fetches lists of jobs page by page.
import type { Job, ParamsOf, ResultOf } from "@fetchml/protocol";
import type { Session } from "./session.ts";

/** Which jobs; the paging is ours. */
export type JobFilter = Omit<ParamsOf<"job.list">, "limit" | "before_id">;

const LARGEST_PAGE = 1000;

/** The newest `limit` jobs that fit, newest first, and whether there are more. */
export async function fetchJobs(
  session: Session,
  filter: JobFilter,
  limit: number,
): Promise<{ readonly jobs: readonly Job[]; readonly hasMore: boolean }> {
  const jobs: Job[] = [];
  let beforeId: number | null = null;
  do {
    const page: ResultOf<"job.list"> = await session.ask("job.list", {
      ...filter,
      limit: Math.min(LARGEST_PAGE, limit - jobs.length),
      ...(beforeId === null ? {} : { before_id: beforeId }),
    });
    jobs.push(...page.jobs);
    beforeId = page.next_before_id;
  } while (beforeId !== null && jobs.length < limit);
  return { jobs, hasMore: beforeId !== null };
}
