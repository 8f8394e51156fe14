// `ml cancel`: end jobs, some by name or all of mine.
import { EXIT, FetchmlError, type Job } from "@fetchml/protocol";
import { isSet } from "../args/option-values.ts";
import type { Invocation, RunCommand } from "../command.ts";
import type { Environment } from "../environment.ts";
import { fetchJobs } from "../job-pages.ts";
import { parseWholeJob } from "../job-reference.ts";
import { jobTable } from "../render/job-table.ts";
import { writeJson } from "../render/json.ts";
import { jobWords } from "../render/outcome-words.ts";
import { paletteOf, wantsJson, widthOf } from "../screen.ts";
import { openSession, type Session } from "../session.ts";

/** Cancels the jobs named, or all of mine; 1 when the person said no. @throws FetchmlError usage, and as the server does */
export const run: RunCommand = async (invocation, environment) => {
  const all = isSet(invocation.options, "all");
  if (all === invocation.words.length > 0) throw jobsOrAll(all);
  const jobs = invocation.words.map(parseWholeJob);
  const atOnce = isSet(invocation.options, "now");
  const now = atOnce ? { now: true } : {};
  const session = await openSession(invocation, environment);
  if (all && !(await isConfirmed(session, invocation, environment))) return EXIT.other;
  const answer = await session.call("job.cancel", all ? { all, ...now } : { jobs, ...now });
  // The answer lists the first of very many.
  const others = (answer.cancelled_count ?? 0) - answer.jobs.length;
  if (others > 0) environment.stderr.write(othersWords(answer.jobs.length, others));
  if (wantsJson(invocation)) writeJson(environment.stdout, answer.jobs);
  else if (answer.jobs.length === 0) environment.stderr.write("You have no unfinished jobs.\n");
  else
    environment.stdout.write(answer.jobs.map((job) => `${cancelledWords(job, atOnce)}\n`).join(""));
  return EXIT.ok;
};

function jobsOrAll(both: boolean): FetchmlError {
  const what = both ? "both jobs and --all" : "neither a job nor --all";
  return new FetchmlError(
    "usage",
    `"ml cancel" got ${what}. Usage: ml cancel JOB… | ml cancel --all`,
  );
}

/** Asks on a terminal. `false`: the person said no. @throws FetchmlError usage where nobody can be asked */
async function isConfirmed(
  session: Session,
  invocation: Invocation,
  environment: Environment,
): Promise<boolean> {
  if (isSet(invocation.options, "yes")) return true;
  const { stdin, stderr } = environment;
  if (!stdin.isTerminal || !stderr.isTerminal) {
    throw new FetchmlError(
      "usage",
      'Cannot ask whether to cancel all your jobs: this is no terminal. Say "ml cancel --all --yes".',
    );
  }
  const { jobs, hasMore } = await fetchJobs(session, {}, 1000);
  if (jobs.length === 0) return true;
  const palette = paletteOf(stderr, invocation, environment);
  stderr.write(jobTable(jobs, { palette, width: widthOf(stderr), now: environment.now() }));
  const these = jobs.length === 1 ? "this job" : `these ${jobs.length} jobs`;
  stderr.write(`Cancel ${these}${hasMore ? " and all your older ones" : ""}? [y/N] `);
  const answer = await stdin.readLine();
  if (/^y(es)?$/i.test(answer.trim())) return true;
  stderr.write("Nothing was cancelled.\n");
  return false;
}

function othersWords(shown: number, others: number): string {
  return `Cancelled ${shown + others} jobs. Shown: the first ${shown}.\n`;
}

function cancelledWords(job: Job, atOnce: boolean): string {
  if (job.state !== "cancelling") return `Cancelled ${jobWords(job)}`;
  return `Cancelling ${jobWords(job)}${atOnce ? "" : ": it has 15 s to save its work"}`;
}
