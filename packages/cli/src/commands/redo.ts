// `ml redo`: submit a job again, as it was or with what is here now.
import { redoJob } from "@fetchml/client";
import type { FrozenProject } from "@fetchml/client/project";
import { EXIT, FetchmlError, type ParamsOf } from "@fetchml/protocol";
import { readEnvPairs } from "../args/env-pairs.ts";
import { readMounts } from "../args/mounts.ts";
import { isSet, textsOf } from "../args/option-values.ts";
import { readNoOutput, readResourceOptions } from "../args/resource-options.ts";
import { readSecretNames } from "../args/secret-names.ts";
import type { Invocation, RunCommand } from "../command.ts";
import type { Environment } from "../environment.ts";
import { parseWholeJob } from "../job-reference.ts";
import { setupOf } from "../job-plan.ts";
import { projectHere } from "../project-here.ts";
import { writeJson } from "../render/json.ts";
import { plainText } from "../render/plain-text.ts";
import { queuedWords } from "../render/queued-words.ts";
import { wantsJson } from "../screen.ts";
import { openSession } from "../session.ts";
import { interruptWords } from "../submission-stage.ts";
import { queueWithProject, tellingLoss, type Submitted } from "../submission.ts";
import { tellingInterrupt } from "../tell-interrupt.ts";

type Redo = Omit<ParamsOf<"job.redo">, "snapshot" | "git" | "setup" | "submission">;

/** Queues the new job and tells its place; 130 after Ctrl-C. @throws FetchmlError usage, bad-file, bad-project, and as the server does */
export const run: RunCommand = async (invocation, environment) => {
  const redo = redoOf(invocation, environment);
  const allowSecrets = isSet(invocation.options, "allow-secrets");
  if (isSet(invocation.options, "fresh")) {
    const submitted = await submitFresh(redo, allowSecrets, { invocation, environment });
    if (submitted === null) return EXIT.interrupted;
    tellQueued(submitted, invocation, environment);
    return EXIT.ok;
  }
  if (allowSecrets) throw secretsOfWhat();
  const words = interruptWords({ at: "asking", isConnected: false });
  return tellingInterrupt(environment, words, async (at) => {
    const session = await openSession(invocation, environment);
    const onOpened = (): void => {
      at.words = interruptWords({ at: "asking", isConnected: true });
    };
    session.link.client().then(onOpened, onOpened);
    const params = { ...redo, submission: environment.newSubmission() };
    const submitted = await redoJob(session.link, params, tellingLoss(environment));
    tellQueued(submitted, invocation, environment);
    return EXIT.ok;
  });
};

function tellQueued(
  submitted: Submitted,
  invocation: Invocation,
  { stdout, stderr }: Environment,
): void {
  if (wantsJson(invocation)) return writeJson(stdout, submitted.job);
  stdout.write(`${queuedWords(submitted)}\n`);
  stderr.write(`"ml logs -f ${submitted.job.id}" follows it.\n`);
}

/** What is asked for, and only that: the server knows the rest. */
function redoOf({ words, options, command }: Invocation, environment: Environment): Redo {
  const mounts = readMounts(options);
  const secrets = readSecretNames(options);
  const env = readEnvPairs(textsOf(options, "env"), environment.variables);
  return {
    job: parseWholeJob(words[0] ?? ""),
    ...readResourceOptions(options, environment.now()),
    ...readNoOutput(options),
    ...(Object.keys(env).length === 0 ? {} : { env }),
    ...(mounts.length === 0 ? {} : { mounts: [...mounts] }),
    ...(secrets.length === 0 ? {} : { secrets: [...secrets] }),
    ...(isSet(options, "hold") ? { hold: true } : {}),
    ...(command === null || command.length === 0 ? {} : { args: [...command] }),
  };
}

async function submitFresh(
  redo: Redo,
  allowSecrets: boolean,
  {
    invocation,
    environment,
  }: { readonly invocation: Invocation; readonly environment: Environment },
): Promise<Submitted | null> {
  const plan = { ...projectHere(environment), allowSecrets };
  const session = await openSession(invocation, environment);
  let isTold = false;
  return queueWithProject(plan, {
    session,
    environment,
    queue: (frozen, submission) => {
      if (!isTold) tellEmpty(frozen, environment);
      isTold = true;
      const { snapshot, git } = frozen;
      const params = { ...redo, snapshot, git, setup: setupOf(plan.file), submission };
      return redoJob(session.link, params, tellingLoss(environment));
    },
  });
}

/** Unlike a new job, one that has run before had files: this is hardly the folder that is meant. */
function tellEmpty(frozen: FrozenProject, { stderr }: Environment): void {
  if (frozen.content().manifest.entries.length > 0) return;
  // That ignore rules leave out all is told already.
  if (frozen.warnings.some((warning) => warning.startsWith(NO_FILE))) return;
  stderr.write(`${plainText(`${NO_FILE}: there is none in ${frozen.root}.`)}\n`);
}

const NO_FILE = "No file is sent";

function secretsOfWhat(): FetchmlError {
  return new FetchmlError(
    "usage",
    "--allow-secrets is about the files here, which only --fresh sends. Leave it out, or add --fresh.",
  );
}
