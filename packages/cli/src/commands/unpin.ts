// `ml unpin`: let what is left of a job be removed in its time.
import { EXIT } from "@fetchml/protocol";
import type { RunCommand } from "../command.ts";
import { parseWholeJob } from "../job-reference.ts";
import { writeJson } from "../render/json.ts";
import { jobWords } from "../render/outcome-words.ts";
import { wantsJson } from "../screen.ts";
import { openSession } from "../session.ts";

/** Unpins one job. @throws FetchmlError as the server does */
export const run: RunCommand = async (invocation, environment) => {
  const [word = ""] = invocation.words;
  const reference = parseWholeJob(word);
  const session = await openSession(invocation, environment);
  const job = await session.call("job.unpin", { job: reference });
  if (wantsJson(invocation)) writeJson(environment.stdout, job);
  else environment.stdout.write(`Unpinned ${jobWords(job)}\n`);
  return EXIT.ok;
};
