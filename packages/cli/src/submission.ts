// Sends a planned job: its name first, its files only where the server lacks them.
import { join } from "node:path";
import { submitJob } from "@fetchml/client";
import { freezeProject, uploadSnapshot, type FrozenProject } from "@fetchml/client/project";
import { FetchmlError, type ErrorCode, type ResultOf } from "@fetchml/protocol";
import type { Environment } from "./environment.ts";
import type { JobPlan } from "./job-plan.ts";
import { plainText } from "./render/plain-text.ts";
import { openProgressBar } from "./render/progress-bar.ts";
import type { Session } from "./session.ts";

/** What the server answered to a submission. */
export type Submitted = ResultOf<"job.submit">;

/** Reads the project of a plan as it is now. @throws FetchmlError bad-project */
export async function freezePlan(plan: JobPlan, environment: Environment): Promise<FrozenProject> {
  const frozen = await freeze(plan, environment, { fresh: false });
  for (const warning of frozen.warnings) environment.stderr.write(`${plainText(warning)}\n`);
  return frozen;
}

/**
 * Queues the job. The snapshot's id alone is sent at first: an unchanged project costs one round trip. Every try carries
 * the same submission word, so that a lost answer never makes two jobs.
 *
 * @throws FetchmlError the server's refusal, bad-project, unreachable; bad-content when files change as fast as they are sent
 */
export async function submitPlan(
  plan: JobPlan,
  session: Session,
  environment: Environment,
): Promise<Submitted> {
  // Opened while the project is read; a failure is met again at the first call.
  session.link.client().catch(() => undefined);
  const submission = environment.newSubmission();
  let frozen = await freezePlan(plan, environment);
  for (let round = 1; ; round++) {
    try {
      const params = { ...plan.request, snapshot: frozen.snapshot, submission };
      return await submitJob(session.link, params, {
        onLost: (error) => environment.stderr.write(`${plainText(error.message)}\nTrying again…\n`),
      });
    } catch (error) {
      if (!isError(error, "snapshot-missing") || round === MOST_ROUNDS) throw error;
    }
    try {
      await sendFiles(frozen, session, environment);
    } catch (error) {
      // Saved in an editor between reading and sending: what stands there now is what the person means.
      if (!isError(error, "bad-content") || round === MOST_ROUNDS - 1) throw error;
      frozen = await freeze(plan, environment, { fresh: true });
    }
  }
}

/** How often the id is submitted, files being sent in between. */
const MOST_ROUNDS = 4;

function freeze(
  plan: JobPlan,
  { variables, home }: Environment,
  { fresh }: { readonly fresh: boolean },
): Promise<FrozenProject> {
  return freezeProject({
    root: plan.project.root,
    projectFile: plan.file,
    cacheDir: join(variables["XDG_CACHE_HOME"] || join(home, ".cache"), "ml"),
    fresh,
    home,
    env: variables,
  });
}

async function sendFiles(
  frozen: FrozenProject,
  session: Session,
  environment: Environment,
): Promise<void> {
  const bar = openProgressBar(environment.stderr, "Sending", environment.now);
  try {
    await uploadSnapshot(session.endpoint, frozen, {
      onProgress: ({ sentBytes, totalBytes }) => bar.update(sentBytes, totalBytes),
    });
  } finally {
    bar.close();
  }
}

function isError(error: unknown, code: ErrorCode): error is FetchmlError {
  return error instanceof FetchmlError && error.code === code;
}
