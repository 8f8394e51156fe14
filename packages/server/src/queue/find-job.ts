// Finds the job that a caller means.
import { FetchmlError } from "@fetchml/protocol";
import type { Principal } from "../domain/principal.ts";
import { mayControl } from "../domain/principal.ts";
import type { JobRow } from "../store/job-row.ts";
import { jobBefore, jobById, newestJobOfName, unfinishedJobsOfName } from "../store/jobs-read.ts";
import type { QueueContext } from "./context.ts";

/** Jobs of one name that are counted: there may be a million. */
const MOST_COUNTED = 100;

/** A job, and the attempt when the reference named one (`12#2`). */
export interface FoundJob {
  readonly row: JobRow;
  readonly attempt: number | null;
}

/**
 * The job of a reference: an id, an attempt, a name (the caller's newest of that name), `@` or `@~N`.
 * @throws FetchmlError job-not-found
 */
export function findJob(ctx: QueueContext, principal: Principal, ref: string): FoundJob {
  const [name, attempt] = splitAttempt(ref);
  const row = findById(ctx, name) ?? findOwn(ctx, principal, name);
  if (row === null) throw jobNotFound(ref, principal);
  return { row, attempt };
}

/**
 * The job that a caller wants to change: a name means the newest unfinished one.
 * @throws FetchmlError job-not-found, ambiguous-job, not-allowed
 */
export function findJobToChange(ctx: QueueContext, principal: Principal, ref: string): JobRow {
  const row =
    findById(ctx, ref) ?? findOwnUnfinished(ctx, principal, ref) ?? findOwn(ctx, principal, ref);
  if (row === null) throw jobNotFound(ref, principal);
  if (!mayControl(principal, row.user_id)) {
    throw new FetchmlError(
      "not-allowed",
      `Job ${row.id} belongs to ${row.user}: only ${row.user} and admins may change it.`,
    );
  }
  return row;
}

function splitAttempt(ref: string): [string, number | null] {
  const match = /^(.+)#([1-9]\d{0,8})$/.exec(ref);
  return match === null ? [ref, null] : [match[1] ?? "", Number(match[2])];
}

function findById({ db }: QueueContext, ref: string): JobRow | null {
  return /^\d{1,15}$/.test(ref) ? jobById(db, Number(ref)) : null;
}

function findOwn({ db }: QueueContext, principal: Principal, ref: string): JobRow | null {
  if (principal.kind === "local") return null;
  const back = /^@(?:~(\d{1,9}))?$/.exec(ref);
  return back === null
    ? newestJobOfName(db, principal.userId, ref)
    : jobBefore(db, principal.userId, Number(back[1] ?? 0));
}

function findOwnUnfinished(
  { db }: QueueContext,
  principal: Principal,
  name: string,
): JobRow | null {
  if (principal.kind === "local") return null;
  const limit = MOST_COUNTED + 1;
  const [newest, ...others] = unfinishedJobsOfName(db, principal.userId, { name, limit });
  if (newest !== undefined && others.length > 0) {
    const ids = [newest, ...others].slice(0, MOST_COUNTED).map((row) => `${row.id} (${row.state})`);
    const count = others.length < MOST_COUNTED ? `${ids.length}` : `More than ${MOST_COUNTED}`;
    throw new FetchmlError(
      "ambiguous-job",
      `${count} unfinished jobs are called ${name}: ${ids.slice(0, 10).join(", ")}${ids.length > 10 ? ", …" : ""}.\nName one by its id.`,
      { details: { jobs: ids } },
    );
  }
  return newest ?? null;
}

function jobNotFound(ref: string, principal: Principal): FetchmlError {
  const shown = JSON.stringify(ref.slice(0, 80));
  if (/^\d+(#\d+)?$/.test(ref)) {
    return new FetchmlError(
      "job-not-found",
      `There is no job ${ref.slice(0, 80)}. "ml list --all" shows the jobs there are.`,
    );
  }
  if (principal.kind === "local") {
    return new FetchmlError(
      "job-not-found",
      `There is no job ${shown}: the admin names jobs by id.`,
    );
  }
  const what = ref.startsWith("@")
    ? `${principal.user} has no job ${shown}`
    : `${principal.user} has no job named ${shown}`;
  return new FetchmlError("job-not-found", `${what}. "ml list --all" shows the jobs there are.`);
}
