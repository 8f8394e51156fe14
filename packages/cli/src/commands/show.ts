// `ml show`: one job with its attempts.
import { EXIT, FetchmlError, type JobDetail } from "@fetchml/protocol";
import type { RunCommand } from "../command.ts";
import { parseJobReference } from "../job-reference.ts";
import { jobText } from "../render/job-text.ts";
import { writeJson } from "../render/json.ts";
import { jobWords } from "../render/outcome-words.ts";
import { paletteOf, wantsJson, widthOf } from "../screen.ts";
import { openSession } from "../session.ts";

/** Prints one job, or one attempt of it. @throws FetchmlError usage, and as the server does */
export const run: RunCommand = async (invocation, environment) => {
  const { stdout } = environment;
  const reference = parseJobReference(invocation.words[0] ?? "");
  const session = await openSession(invocation, environment);
  const whole = await session.call("job.get", { job: reference.job });
  const job = reference.attempt === null ? whole : withOneAttempt(whole, reference.attempt);
  if (wantsJson(invocation)) writeJson(stdout, job);
  else {
    const palette = paletteOf(stdout, invocation, environment);
    stdout.write(jobText(job, { palette, width: widthOf(stdout), now: environment.now() }));
  }
  return EXIT.ok;
};

function withOneAttempt(job: JobDetail, number: number): JobDetail {
  const attempts = job.attempts.filter((attempt) => attempt.number === number);
  if (attempts.length > 0) return { ...job, attempts };
  throw new FetchmlError(
    "job-not-found",
    `Job ${jobWords(job)} has no attempt ${number}: it has had ${job.attempts.length}. "ml show ${job.id}" shows them.`,
  );
}
