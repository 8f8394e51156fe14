// `ml wait`: wait until jobs have ended.
import { waitForJobs } from "@fetchml/client";
import { EXIT } from "@fetchml/protocol";
import { isSet } from "../args/option-values.ts";
import type { RunCommand } from "../command.ts";
import { exitCodeOfJob, EXIT_ML_FAILED } from "../job-exit.ts";
import { parseWholeJob } from "../job-reference.ts";
import { isBrokenPipe } from "../output.ts";
import { writeJson } from "../render/json.ts";
import { endWords } from "../render/outcome-words.ts";
import { reportError } from "../report-error.ts";
import { wantsJson } from "../screen.ts";
import { openSession } from "../session.ts";

/** Waits; answers the first exit code of the jobs that is not 0. @throws FetchmlError until they are known, as the server does */
export const run: RunCommand = async (invocation, environment) => {
  const { stdout, stderr } = environment;
  const jobs = invocation.words.map(parseWholeJob);
  const session = await openSession(invocation, environment);
  const { promise: interrupted, resolve } = Promise.withResolvers<"interrupted">();
  const off = environment.onInterrupt(() => resolve("interrupted"));
  let hasBegun = false;
  const onChange = (): void => {
    hasBegun = true;
  };
  try {
    const ended = await Promise.race([waitForJobs(session.link, { jobs, onChange }), interrupted]);
    if (ended === "interrupted") {
      stderr.write(`The jobs go on. "ml wait ${jobs.join(" ")}" waits again.\n`);
      return EXIT.interrupted;
    }
    if (wantsJson(invocation)) writeJson(stdout, ended);
    else stdout.write(ended.map((job) => `${endWords(job)}\n`).join(""));
    return ended.map(exitCodeOfJob).find((code) => code !== EXIT.ok) ?? EXIT.ok;
  } catch (error) {
    if (isBrokenPipe(error) || !hasBegun) throw error;
    reportError(error, { stderr, debug: isSet(invocation.options, "debug") });
    return EXIT_ML_FAILED;
  } finally {
    off();
  }
};
