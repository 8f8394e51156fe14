// `ml run`: submit a job, follow its log, and end with its exit code.
import { EXIT, type Job } from "@fetchml/protocol";
import { isSet } from "../args/option-values.ts";
import type { RunCommand } from "../command.ts";
import type { Environment } from "../environment.ts";
import { followJob } from "../follow-job.ts";
import { planJob } from "../job-plan.ts";
import { writeJson } from "../render/json.ts";
import { plainText } from "../render/plain-text.ts";
import { queuedWords } from "../render/queued-words.ts";
import { paletteOf, wantsJson } from "../screen.ts";
import { openSession, type Session } from "../session.ts";
import { showPlan } from "../show-plan.ts";
import { submitPlan } from "../submission.ts";

/** Submits and follows; answers the exit code of the job. @throws FetchmlError until the job is queued, as `ml queue` does */
export const run: RunCommand = async (invocation, environment) => {
  const { stdout, stderr } = environment;
  const plan = planJob(invocation, environment);
  if (plan === null) return EXIT.usage;
  if (isSet(invocation.options, "dry-run")) return showPlan(plan, invocation, environment);
  const session = await openSession(invocation, environment);
  const submitted = await submitPlan(plan, session, environment);
  if (submitted === null) return EXIT.interrupted;
  const { job } = submitted;
  stderr.write(`${queuedWords(submitted)}\n`);
  void tellWhatItWaitsFor(job, session, environment);
  // One JSON value is all that standard output may hold.
  const output = wantsJson(invocation) ? stderr : stdout;
  const followed = await followJob(session, environment, {
    start: { job: String(job.id) },
    look: { raw: false, colours: paletteOf(output, invocation, environment).enabled },
    output,
    debug: isSet(invocation.options, "debug"),
    hasBegun: true,
    interruptWords:
      `Job ${job.id} goes on. "ml logs -f ${job.id}" follows it again.\n` +
      `To end it: ml cancel ${job.id}`,
  });
  if (wantsJson(invocation) && followed.job !== null) writeJson(stdout, followed.job);
  return followed.code;
};

/** Told beside the log and not before it: the job may start at any moment. */
async function tellWhatItWaitsFor(
  job: Job,
  session: Session,
  environment: Environment,
): Promise<void> {
  try {
    const why = await session.call("job.why", { job: String(job.id) });
    const [line] = why.lines;
    if (why.job.state === "queued" && line !== undefined) {
      environment.stderr.write(`${plainText(line)}\n`);
    }
  } catch {
    // Only a courtesy; whoever follows the log meets the same failure.
  }
}
