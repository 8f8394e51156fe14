// `ml pin`: keep all that is left of a job.
import { EXIT } from "@fetchml/protocol";
import type { RunCommand } from "../command.ts";
import { parseWholeJob } from "../job-reference.ts";
import { writeJson } from "../render/json.ts";
import { jobWords } from "../render/outcome-words.ts";
import { removedWords } from "../render/removed-words.ts";
import { wantsJson } from "../screen.ts";
import { openSession } from "../session.ts";

/** Pins one job, and tells what of it is gone already. @throws FetchmlError as the server does */
export const run: RunCommand = async (invocation, environment) => {
  const { stdout, stderr } = environment;
  const [word = ""] = invocation.words;
  const reference = parseWholeJob(word);
  const session = await openSession(invocation, environment);
  const job = await session.call("job.pin", { job: reference });
  if (wantsJson(invocation)) writeJson(stdout, job);
  else stdout.write(`Pinned ${jobWords(job)}\n`);
  const { removed } = await session.call("job.get", { job: String(job.id) });
  if (removed !== undefined) stderr.write(`Removed before: ${removedWords(removed)}.\n`);
  return EXIT.ok;
};
