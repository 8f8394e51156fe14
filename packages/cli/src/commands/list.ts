// `ml list`: jobs, newest first.
import { EXIT, FetchmlError, JOB_STATES, type JobState } from "@fetchml/protocol";
import { parseSince } from "../args/moment.ts";
import { countOf, isSet, parsedOf, textOf, textsOf } from "../args/option-values.ts";
import { didYouMean, nearWords } from "../args/suggest.ts";
import type { Invocation, RunCommand } from "../command.ts";
import { fetchJobs, type JobFilter } from "../job-pages.ts";
import { jobTable } from "../render/job-table.ts";
import { writeJson } from "../render/json.ts";
import { paletteOf, wantsJson, widthOf } from "../screen.ts";
import { openSession } from "../session.ts";

const DEFAULT_LIMIT = 100;

/** Prints the jobs that fit the options. @throws FetchmlError usage, and as the server does */
export const run: RunCommand = async (invocation, environment) => {
  const { stdout, stderr } = environment;
  const filter = filterOf(invocation, environment.now());
  const limit =
    countOf(invocation.options, "limit", { min: 1, max: 1_000_000_000 }) ?? DEFAULT_LIMIT;
  const session = await openSession(invocation, environment);
  const { jobs, hasMore } = await fetchJobs(session, filter, limit);
  if (wantsJson(invocation)) writeJson(stdout, jobs);
  else if (jobs.length > 0) {
    const palette = paletteOf(stdout, invocation, environment);
    stdout.write(jobTable(jobs, { palette, width: widthOf(stdout), now: environment.now() }));
  } else stderr.write(`${emptyWords(invocation)}\n`);
  if (hasMore) stderr.write(`Only the newest ${limit} are shown. "--limit N" shows more.\n`);
  return EXIT.ok;
};

function filterOf(invocation: Invocation, now: number): JobFilter {
  const { options } = invocation;
  const states = textsOf(options, "state").flatMap((text) => text.split(",").map(stateNamed));
  const user = textOf(options, "user");
  const since = parsedOf(options, "since", {
    parse: (text) => parseSince(text, now),
    wanted: "a time such as 7d, 22:00 or 2026-12-01",
  });
  return {
    // Whoever names a final state means jobs that have ended.
    all: isSet(options, "all") || states.length > 0,
    everyone: isSet(options, "everyone") || user !== null,
    ...(user === null ? {} : { user }),
    ...(states.length === 0 ? {} : { states }),
    ...(since === null ? {} : { since }),
  };
}

function stateNamed(text: string): JobState {
  const state = JOB_STATES.find((one) => one === text);
  if (state !== undefined) return state;
  throw new FetchmlError(
    "usage",
    `There is no state ${JSON.stringify(text)}.${didYouMean(nearWords(text, JOB_STATES))}\n` +
      `States: ${JOB_STATES.join(", ")}.`,
  );
}

function emptyWords(invocation: Invocation): string {
  const isBare = ["all", "everyone", "user", "state", "since"].every(
    (name) => !isSet(invocation.options, name),
  );
  return isBare
    ? 'You have no unfinished jobs. "ml list --all" shows those that have ended.'
    : "No such jobs.";
}
