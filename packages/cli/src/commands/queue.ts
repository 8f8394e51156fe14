// `ml queue`: submit a job, or print the queue.
import { EXIT, FetchmlError } from "@fetchml/protocol";
import { asksForQueue } from "../args/job-name.ts";
import { isSet } from "../args/option-values.ts";
import { SUBMIT_OPTIONS } from "../command-table/job-options.ts";
import type { Invocation, RunCommand } from "../command.ts";
import { planJob } from "../job-plan.ts";
import { writeJson } from "../render/json.ts";
import { queuedWords } from "../render/queued-words.ts";
import { wantsJson } from "../screen.ts";
import { openSession } from "../session.ts";
import { submitPlan } from "../submission.ts";

/** Submits or prints; 2 when the job has no command, 130 after Ctrl-C. @throws FetchmlError usage, bad-file, bad-project, and as the server does */
export const run: RunCommand = async (invocation, environment) => {
  if (meansTheQueue(invocation)) {
    const { printQueue } = await import("../print-queue.ts");
    return printQueue(invocation, environment);
  }
  const { stdout, stderr } = environment;
  const plan = planJob(invocation, environment);
  if (plan === null) return EXIT.usage;
  if (isSet(invocation.options, "dry-run")) {
    const { showPlan } = await import("../show-plan.ts");
    return showPlan(plan, invocation, environment);
  }
  const session = await openSession(invocation, environment);
  const submitted = await submitPlan(plan, session, environment);
  if (submitted === null) return EXIT.interrupted;
  if (wantsJson(invocation)) writeJson(stdout, submitted.job);
  else {
    stdout.write(`${queuedWords(submitted)}\n`);
    stderr.write(`"ml logs -f ${submitted.job.id}" follows it.\n`);
  }
  return EXIT.ok;
};

/** Whoever gives a command or options for a job means to submit one, and must name it. */
function meansTheQueue({ verb, words, options, command }: Invocation): boolean {
  const [word] = words;
  const isBare =
    command === null && !Object.keys(SUBMIT_OPTIONS).some((name) => isSet(options, name));
  if (word !== undefined) return isBare && asksForQueue(word);
  if (isBare) return true;
  throw new FetchmlError(
    "usage",
    `The job needs a name: "ml ${verb} NAME [options] [-- COMMAND…]".\nFor example: ml ${verb} my-training-job`,
  );
}
