// Sends a planned job: its name first, its files only where the server lacks them.
import { join } from "node:path";
import { submitJob } from "@fetchml/client";
import {
  freezeProject,
  keepToServerLimits,
  limitsOf,
  refuseWhatChanges,
  sendSnapshot,
  type FreezeOptions,
  type FrozenProject,
} from "@fetchml/client/project";
import { FetchmlError, type ErrorCode, type ResultOf } from "@fetchml/protocol";
import { checkWorkingFolder } from "./check-working-folder.ts";
import type { Environment } from "./environment.ts";
import type { JobPlan } from "./job-plan.ts";
import type { ProjectToSend } from "./project-here.ts";
import { plainText } from "./render/plain-text.ts";
import type { Session } from "./session.ts";
import { checkSetupKey } from "./setup-key.ts";
import { beginStage, interruptWords, type Stage } from "./submission-stage.ts";
import { untilInterrupt } from "./until-interrupt.ts";

/** What the server answered to a submission. */
export type Submitted = ResultOf<"job.submit">;

/** Reads a project as it is now. @throws FetchmlError bad-project */
export async function freezePlan(
  plan: ProjectToSend,
  environment: Environment,
): Promise<FrozenProject> {
  const frozen = await freezeAndWarn(plan, environment);
  frozen.remember();
  return frozen;
}

async function freezeAndWarn(
  plan: ProjectToSend,
  environment: Environment,
): Promise<FrozenProject> {
  const frozen = await freeze(plan, environment, { fresh: false });
  for (const warning of frozen.warnings) environment.stderr.write(`${plainText(warning)}\n`);
  return frozen;
}

/** How a project is read. */
export function freezeOptions(
  plan: ProjectToSend,
  { variables, home }: Environment,
): FreezeOptions {
  return {
    root: plan.project.root,
    projectFile: plan.file,
    limits: limitsOf(plan.file),
    allowSecrets: plan.allowSecrets,
    cacheDir: join(variables["XDG_CACHE_HOME"] || join(home, ".cache"), "ml"),
    home,
    env: variables,
  };
}

/** Queues the job with its project; `null` after Ctrl-C. @throws FetchmlError as {@link queueWithProject} does */
export function submitPlan(
  plan: JobPlan,
  session: Session,
  environment: Environment,
): Promise<Submitted | null> {
  return queueWithProject(plan, {
    session,
    environment,
    cwd: plan.request.cwd,
    queue: ({ snapshot, git }, submission) => {
      const params = { ...plan.request, snapshot, git, submission };
      return submitJob(session.link, params, tellingLoss(environment));
    },
  });
}

/** Says on standard error that the connection was lost and is made anew. */
export function tellingLoss({ stderr }: Environment) {
  return {
    onLost: (error: Error) => stderr.write(`${plainText(error.message)}\nTrying again…\n`),
  };
}

/**
 * Queues a job with a snapshot of the project. The snapshot's id alone is sent at first: an unchanged project costs one
 * round trip. Every try carries the same submission word, so that a lost answer never makes two jobs. `null` after Ctrl-C,
 * when standard error has been told whether anything was queued.
 *
 * @param how.cwd the job's working folder, which must be sent; where the server alone knows it, it is not given
 * @param how.queue makes the call; asked again after files were sent
 * @throws FetchmlError the server's refusal, bad-project, unreachable; bad-file as {@link checkSetupKey} does
 */
export async function queueWithProject(
  plan: ProjectToSend,
  how: Queueing,
): Promise<Submitted | null> {
  const stage = beginStage();
  const clear = (): void => {
    stage.clear();
    stage.frozen?.remember();
  };
  const work = () => queueInStages(plan, how, stage);
  const submitted = await untilInterrupt(work, how.environment, clear);
  if (submitted !== null) return submitted;
  how.environment.stderr.write(`Interrupted. ${interruptWords(stage)}\n`);
  return null;
}

interface Queueing {
  readonly session: Session;
  readonly environment: Environment;
  readonly cwd?: string;
  readonly queue: (frozen: FrozenProject, submission: string) => Promise<Submitted>;
}

async function queueInStages(plan: ProjectToSend, how: Queueing, stage: Stage): Promise<Submitted> {
  const { session, environment } = how;
  const onOpened = (): void => void (stage.isConnected = true);
  // Opened while the project is read; a failure is met again at the first call.
  session.link.client().then(onOpened, onOpened);
  const frozen = await freezeAndWarn(plan, environment);
  stage.frozen = frozen;
  try {
    checkFrozen(plan, how.cwd, frozen);
    return await queueFrozen(frozen, plan, { ...how, stage });
  } finally {
    // Where files were sent that was done meanwhile.
    frozen.remember();
  }
}

async function queueFrozen(
  first: FrozenProject,
  plan: ProjectToSend,
  { session, environment, cwd, queue, stage }: Queueing & { readonly stage: Stage },
): Promise<Submitted> {
  const submission = environment.newSubmission();
  let frozen = first;
  for (let round = 1; ; round++) {
    stage.at = "asking";
    try {
      return await queue(frozen, submission);
    } catch (error) {
      if (!isError(error, "snapshot-missing") || round === MOST_ROUNDS) throw error;
    }
    stage.at = "sending";
    // Only now: what the server has already was once small enough for it.
    await checkServerLimits(plan, frozen, session);
    try {
      await sendFiles(frozen, { session, environment, stage });
    } catch (error) {
      // Saved in an editor between reading and sending: what stands there now is what the person means.
      if (!isError(error, "bad-content")) throw error;
      const { path } = error.details;
      if (round > MOST_FREEZES && typeof path === "string")
        await refuseWhatChanges(frozen.root, path);
      if (round > MOST_FREEZES) throw error;
      frozen = await freeze(plan, environment, { fresh: true });
      checkFrozen(plan, cwd, frozen);
    }
  }
}

function checkFrozen(plan: ProjectToSend, cwd: string | undefined, frozen: FrozenProject): void {
  checkSetupKey(plan, frozen);
  if (cwd !== undefined) checkWorkingFolder(cwd, frozen);
}

/** How often a project that changes while it is sent is frozen anew. */
const MOST_FREEZES = 3;

/** How often an id is submitted, files being sent in between. */
const MOST_ROUNDS = MOST_FREEZES + 2;

function freeze(
  plan: ProjectToSend,
  environment: Environment,
  { fresh }: { readonly fresh: boolean },
): Promise<FrozenProject> {
  return freezeProject({ ...freezeOptions(plan, environment), fresh });
}

async function checkServerLimits(
  plan: ProjectToSend,
  frozen: FrozenProject,
  session: Session,
): Promise<void> {
  const limits = await session.call("server.limits", {}).catch((error: unknown) => {
    // The upload connects anew and tries again for longer, and the server has the last word.
    if (isError(error, "unreachable") || isError(error, "shutting-down")) return null;
    throw error;
  });
  if (limits === null) return;
  await keepToServerLimits(plan.project.root, frozen.content().manifest, limits);
}

async function sendFiles(
  frozen: FrozenProject,
  { session, environment, stage }: Omit<Queueing, "queue"> & { readonly stage: Stage },
): Promise<void> {
  const { openProgressBar } = await import("./render/progress-bar.ts");
  const bar = openProgressBar(environment.stderr, "Sending", environment.now);
  stage.clear = () => bar.close();
  try {
    await sendSnapshot(session.endpoint, frozen, {
      onProgress: ({ sentBytes, totalBytes }) => bar.update(sentBytes, totalBytes),
    });
  } finally {
    bar.close();
  }
}

function isError(error: unknown, code: ErrorCode): error is FetchmlError {
  return error instanceof FetchmlError && error.code === code;
}
