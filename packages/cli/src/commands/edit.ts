// `ml edit`: change what a queued job asks for.
import { EXIT, FetchmlError, type ParamsOf } from "@fetchml/protocol";
import { isSet } from "../args/option-values.ts";
import { readResourceOptions } from "../args/resource-options.ts";
import type { RunCommand } from "../command.ts";
import { parseWholeJob } from "../job-reference.ts";
import { needsWords } from "../render/job-table.ts";
import { writeJson } from "../render/json.ts";
import { jobWords, stateWords } from "../render/outcome-words.ts";
import { wantsJson } from "../screen.ts";
import { openSession } from "../session.ts";

/** Sends what is to change, and only that. @throws FetchmlError usage with nothing to change, and as the server does */
export const run: RunCommand = async (invocation, environment) => {
  const [word = ""] = invocation.words;
  const reference = parseWholeJob(word);
  const changes: Omit<ParamsOf<"job.edit">, "job"> = {
    ...readResourceOptions(invocation.options, environment.now()),
    ...(isSet(invocation.options, "first") ? { first: true } : {}),
  };
  if (Object.keys(changes).length === 0) {
    throw new FetchmlError(
      "usage",
      `Nothing to change in ${JSON.stringify(word)}: say what, for example "ml edit ${word} --gpus 2".\n` +
        '"ml edit --help" lists what can be changed.',
    );
  }
  const session = await openSession(invocation, environment);
  const job = await session.call("job.edit", { job: reference, ...changes });
  if (wantsJson(invocation)) writeJson(environment.stdout, job);
  else
    environment.stdout.write(`Changed ${jobWords(job)}: ${stateWords(job)}, ${needsWords(job)}\n`);
  return EXIT.ok;
};
