// Prints the queue: everybody's unfinished jobs, in the order in which they run.
import { EXIT, type Job } from "@fetchml/protocol";
import type { Invocation } from "./command.ts";
import type { Environment } from "./environment.ts";
import { fetchJobs } from "./job-pages.ts";
import { jobTable } from "./render/job-table.ts";
import { writeJson } from "./render/json.ts";
import { paletteOf, wantsJson, widthOf } from "./screen.ts";
import { openSession, type Session } from "./session.ts";

/** Prints it and answers the exit code. */
export async function printQueue(
  invocation: Invocation,
  environment: Environment,
): Promise<number> {
  const { stdout, stderr } = environment;
  const session = await openSession(invocation, environment);
  const { jobs, now } = await fetchQueue(session);
  if (wantsJson(invocation)) writeJson(stdout, jobs);
  else if (jobs.length === 0) stderr.write("The queue is empty.\n");
  else {
    const palette = paletteOf(stdout, invocation, environment);
    stdout.write(jobTable(jobs, { palette, width: widthOf(stdout), now }));
  }
  return EXIT.ok;
}

/** The status knows the order of the first queued jobs, the list knows all of them. */
async function fetchQueue(
  session: Session,
): Promise<{ readonly jobs: readonly Job[]; readonly now: number }> {
  const [status, { jobs }] = await Promise.all([
    session.ask("server.status", {}),
    fetchJobs(session, { everyone: true }, Infinity),
  ]);
  const first = [...status.running, ...status.queued];
  const known = new Set(first.map(({ id }) => id));
  const rest = jobs.filter(({ id }) => !known.has(id)).toSorted((a, b) => a.id - b.id);
  return { jobs: [...first, ...rest], now: status.server.now };
}
