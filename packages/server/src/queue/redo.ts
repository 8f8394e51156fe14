// Queues a job anew: what an earlier one was, but for what is asked to be different.
import { FetchmlError, type Command, type JobPrivate, type ParamsOf } from "@fetchml/protocol";
import { least } from "../domain/guard-rules.ts";
import type { Principal } from "../domain/principal.ts";
import { privateOf, type JobRow } from "../store/job-row.ts";
import { holdsSnapshot, noteHolder, shareSnapshot } from "../store/snapshot-holders.ts";
import type { QueueContext } from "./context.ts";
import { guardsOf } from "./guards.ts";
import { findJobWithCode } from "./job-code.ts";
import { refuseRemovedCode } from "./removed-files.ts";
import {
  addJob,
  submittedBefore,
  submitterOf,
  type NewRequest,
  type Submitted,
  type WithSecrets,
} from "./submit.ts";

type Redo = ParamsOf<"job.redo"> &
  WithSecrets & {
    /** A snapshot all of whose files were found on the disk, though nobody is noted to have sent it. */
    readonly codeOnDisk?: string;
  };

/**
 * Queues a new job of the caller's like an earlier one; resolves when it is durable. Whoever may see the earlier job's code may
 * do it again: with its snapshot, an admin thereby becomes one of those who have sent it.
 *
 * @throws FetchmlError job-not-found, invalid-params, and as `submitJob` does
 */
export function redoJob(ctx: QueueContext, principal: Principal, redo: Redo): Promise<Submitted> {
  return ctx.db.write(() => {
    const submitter = submitterOf(principal);
    // First of all: by now "my last job" may be the one that the lost answer told of.
    const before = submittedBefore(ctx, submitter, redo.submission);
    if (before !== null) return before;
    const { row, stored } = findJobWithCode(ctx, principal, redo.job);
    if (redo.snapshot === undefined && stored.snapshot !== null) {
      const { snapshot } = stored;
      refuseRemovedCode(ctx.db, row, snapshot);
      // Its owner has sent it, or there were no such job; a restore without the code of ended jobs forgets that.
      if (redo.codeOnDisk === snapshot) noteHolder(ctx.db, row.user_id, snapshot);
      shareSnapshot(ctx.db, { fromUserId: row.user_id, toUserId: submitter.userId, snapshot });
      if (!holdsSnapshot(ctx.db, submitter.userId, snapshot)) throw codeGone(row.id, snapshot);
    }
    return addJob(ctx, submitter, requestOf(ctx, { row, own: privateOf(stored) }, redo));
  });
}

/** The snapshot for which {@link redoJob} has thrown this, since nobody is noted to have sent it; `null` for any other error. */
export function unheldCodeOf(error: unknown): string | null {
  const { snapshot = null } = error instanceof FetchmlError ? (error.details ?? {}) : {};
  return typeof snapshot === "string" ? snapshot : null;
}

function requestOf(
  ctx: QueueContext,
  { row, own }: { readonly row: JobRow; readonly own: JobPrivate },
  redo: Redo,
): NewRequest {
  // What the earlier job was given is not refused where the admin has tightened the bounds since; what is asked for now is.
  const { maxTimeMs, noOutputMs } = guardsOf(ctx);
  return {
    ...own,
    name: row.name,
    command: withArgs(own.command, redo.args ?? []),
    env: { ...own.env, ...redo.env },
    mounts: [...new Set([...own.mounts, ...(redo.mounts ?? [])])],
    secrets: [...own.secrets, ...(redo.secrets ?? [])],
    ...(redo.knownSecrets === undefined ? {} : { knownSecrets: redo.knownSecrets }),
    resources: {
      gpus: redo.gpus ?? row.gpus,
      cpus: redo.cpus ?? row.cpus,
      mem_bytes: redo.mem_bytes ?? row.mem_bytes,
    },
    timeout_ms: redo.timeout_ms === undefined ? within(row.timeout_ms, maxTimeMs) : redo.timeout_ms,
    no_output_ms:
      redo.no_output_ms === undefined ? within(row.no_output_ms, noOutputMs) : redo.no_output_ms,
    retries: redo.retries ?? row.retries,
    begin_at: redo.begin_at ?? null,
    hold: redo.hold ?? false,
    ...(redo.snapshot === undefined ? {} : { snapshot: redo.snapshot, git: redo.git ?? null }),
    ...(redo.setup === undefined ? {} : { setup: redo.setup }),
    redo_of: row.id,
    submission: redo.submission,
  };
}

/** `null`, which asks for nothing, stays so. */
function within(asked: number | null, most: number | null): number | null {
  return asked === null ? null : least(asked, most);
}

/** Words of one command at most, as the schema of a submission has it. */
const MOST_WORDS = 4096;

function withArgs(command: Command, args: readonly string[]): Command {
  const words = "argv" in command ? command.argv : command.args;
  const all = [...words, ...args];
  if (all.length > MOST_WORDS) {
    throw new FetchmlError(
      "invalid-params",
      `Cannot append ${args.length} words to the command: it has ${words.length}, and ${MOST_WORDS} is the limit.`,
    );
  }
  return "argv" in command ? { argv: all } : { shell: command.shell, args: all };
}

function codeGone(id: number, snapshot: string): FetchmlError {
  return new FetchmlError(
    "snapshot-missing",
    `Cannot do job ${id} again: its code is gone from the box.\n"ml redo ${id} --fresh" takes the project folder that you are in.`,
    { details: { snapshot } },
  );
}
