// Puts a new job into the queue.
import { DEFAULT_RETRY_ON, FetchmlError, type Job, type SubmitParams } from "@fetchml/protocol";
import { boundedTime } from "../domain/guard-rules.ts";
import type { KeyHolder, Principal } from "../domain/principal.ts";
import { jobOf } from "../store/job-row.ts";
import { countAhead, countWaiting } from "../store/jobs-queue.ts";
import { jobOfSubmission } from "../store/jobs-read.ts";
import { insertJob, type NewJob } from "../store/jobs-write.ts";
import { holdsSnapshot } from "../store/snapshot-holders.ts";
import type { QueueContext } from "./context.ts";
import { guardsOf, refuseUnbounded } from "./guards.ts";
import { refuseImpossible, refuseUnlistedMounts } from "./impossible-request.ts";
import { momentOf } from "./moment.ts";
import { announceRow } from "./news.ts";

/** A job and how many stand before it. */
export interface Submitted {
  readonly job: Job;
  readonly ahead: number;
}

/**
 * Queues a job; resolves when it is durable.
 * @throws FetchmlError impossible-request, snapshot-missing, not-allowed, disk-full, conflict (a secret that there is not)
 */
export function submitJob(
  ctx: QueueContext,
  principal: Principal,
  params: SubmitParams & WithSecrets,
): Promise<Submitted> {
  return ctx.db.write(() => {
    const submitter = submitterOf(principal);
    const earlier = submittedBefore(ctx, submitter, params.submission);
    return earlier ?? addJob(ctx, submitter, { ...params, redo_of: null });
  });
}

/** Who submits. @throws FetchmlError not-allowed for the admin on the box, who has no jobs */
export function submitterOf(principal: Principal): KeyHolder {
  if (principal.kind === "key") return principal;
  throw new FetchmlError(
    "not-allowed",
    "The box's own admin has no jobs: submit as a user, with that user's key.",
  );
}

/** The job that this user has submitted with that word; `null` when there is none. Call it inside a write. */
export function submittedBefore(
  ctx: QueueContext,
  { userId }: KeyHolder,
  submission: string | undefined,
): Submitted | null {
  const earlier = submission === undefined ? null : jobOfSubmission(ctx.db, userId, submission);
  if (earlier === null) return null;
  return { job: jobOf(earlier, momentOf(ctx)), ahead: countAhead(ctx.db, earlier.queue_rank) };
}

/** What the queue is told of the submitter's secrets, which are not its own. */
export interface WithSecrets {
  /** Names of all secrets of the submitter. Default none. */
  readonly knownSecrets?: ReadonlySet<string>;
}

/** A job that is new to the queue. */
export interface NewRequest extends SubmitParams, WithSecrets {
  /** Id of the job that it does again; `null` for a job of its own. */
  readonly redo_of: number | null;
}

/**
 * Adds a job at the end of the queue. Call it inside a write.
 * @throws FetchmlError impossible-request, snapshot-missing, disk-full, conflict
 */
export function addJob(ctx: QueueContext, submitter: KeyHolder, request: NewRequest): Submitted {
  const { db, clock } = ctx;
  ctx.room.refuseWhenShort("Cannot queue the job");
  refuseImpossible(request.resources, ctx.totals);
  refuseUnlistedMounts(request.mounts ?? [], ctx.totals);
  refuseUnbounded(request, guardsOf(ctx));
  refuseUnknownSecrets(request.secrets ?? [], request.knownSecrets ?? new Set());
  if (request.snapshot !== null && !holdsSnapshot(db, submitter.userId, request.snapshot)) {
    throw new FetchmlError(
      "snapshot-missing",
      `The server does not have snapshot ${request.snapshot.slice(0, 12)} from ${submitter.user} yet. Send it, then submit again.`,
    );
  }
  const now = clock.now();
  // It stands at the end, so all that wait stand before it.
  const ahead = countWaiting(db);
  const row = {
    user_id: submitter.userId,
    name: request.name,
    held: request.hold ? 1 : 0,
    ...request.resources,
    timeout_ms: boundedTime(request.timeout_ms, guardsOf(ctx)),
    no_output_ms: request.no_output_ms ?? null,
    retries: request.retries,
    created_at: now,
    eligible_at: request.begin_at,
    command: JSON.stringify(request.command),
    cwd: request.cwd,
    env: JSON.stringify(request.env),
    snapshot: request.snapshot,
    git: request.git === undefined || request.git === null ? null : JSON.stringify(request.git),
    redo_of: request.redo_of,
    setup:
      request.setup === undefined || request.setup === null ? null : JSON.stringify(request.setup),
    retry_on: request.retry_on === undefined ? USUAL_RETRY_ON : JSON.stringify(request.retry_on),
    mounts: request.mounts === undefined ? NONE : JSON.stringify(request.mounts),
    secrets: request.secrets === undefined ? NONE : JSON.stringify([...new Set(request.secrets)]),
    submission: request.submission ?? null,
  } satisfies NewJob;
  const id = insertJob(db, row);
  return {
    job: announceRow(ctx, { ...row, ...AT_FIRST, id, queue_rank: id, user: submitter.user }),
    ahead,
  };
}

/** JSON of what most jobs leave to the server. */
const USUAL_RETRY_ON = JSON.stringify(DEFAULT_RETRY_ON);
const NONE = "[]";

/** What every new row has in common. */
const AT_FIRST = {
  state: "queued",
  attempt: 0,
  started_at: null,
  ended_at: null,
  cancelled_by: null,
  outcome: null,
  pinned_at: null,
} as const;

function refuseUnknownSecrets(wanted: readonly string[], known: ReadonlySet<string>): void {
  const missing = wanted.find((name) => !known.has(name));
  if (missing === undefined) return;
  throw new FetchmlError(
    "conflict",
    `Cannot queue the job: you have no secret ${missing}. Set it with "ml secret set ${missing}", then submit again.`,
  );
}
