// Tells what a job waits for, or how and why it ended.
import {
  formatDuration,
  formatSize,
  isFinal,
  likelySignal,
  type Job,
  type Outcome,
} from "@fetchml/protocol";
import { isOwner, maySeePrivate, type Principal } from "../domain/principal.ts";
import { attemptsOf } from "../store/attempts.ts";
import { sweepingJob } from "../store/cancel-sweeps.ts";
import { jobOf, type JobRow } from "../store/job-row.ts";
import type { QueueContext } from "./context.ts";
import { explainShortage, type Reasons } from "./explain-shortage.ts";
import { findJob } from "./find-job.ts";
import { momentOf } from "./moment.ts";
import { nextStep } from "./next-step.ts";
import { shownJob } from "./shown-job.ts";

/** The explanation without the log's tail, which is not the queue's to read. */
export interface Explanation {
  readonly job: Job;
  readonly ownerId: number;
  readonly lines: readonly string[];
  readonly behind: readonly number[];
}

/**
 * Explains a job's state in sentences.
 * @throws FetchmlError job-not-found
 */
export function explainJob(
  ctx: QueueContext,
  principal: Principal,
  ref: string,
): Promise<Explanation> {
  return ctx.db.read(() => {
    const { row } = findJob(ctx, principal, ref);
    const job = shownJob(principal, jobOf(row, momentOf(ctx)));
    const { lines, behind } = explain(ctx, row, job);
    const last =
      row.state === "queued" && row.attempt > 0 && job.outcome !== null
        ? [`Attempt ${row.attempt} ${endSentence(job.outcome)}`]
        : [];
    const advice =
      isFinal(job.state) && job.outcome !== null && maySeePrivate(principal, row.user_id)
        ? nextStep(row.id, job.outcome)
        : null;
    const whose = isOwner(principal, row.user_id) ? [] : [`It belongs to ${row.user}.`];
    return {
      job,
      ownerId: row.user_id,
      lines: [...lines, ...last, ...(advice === null ? [] : [advice]), ...whose],
      behind,
    };
  });
}

function explain(ctx: QueueContext, row: JobRow, job: Job): Reasons {
  if (job.state === "queued") return explainQueued(ctx, row, job);
  if (isFinal(job.state)) {
    return {
      lines: [
        job.outcome === null ? `It ended as ${job.state}.` : `It ${endSentence(job.outcome)}`,
      ],
      behind: [],
    };
  }
  const attempt = attemptsOf(ctx.db, row.id).at(-1);
  const since = formatDuration(ctx.clock.now() - (attempt?.started_at ?? row.created_at));
  if (job.state === "cancelling") {
    return {
      lines: [
        `It is being cancelled, asked for by ${row.cancelled_by ?? "somebody"}; it started ${since} ago.`,
      ],
      behind: [],
    };
  }
  return {
    lines: [`It is ${job.state}, attempt ${row.attempt}, started ${since} ago.`],
    behind: [],
  };
}

function explainQueued(ctx: QueueContext, row: JobRow, job: Job): Reasons {
  const now = ctx.clock.now();
  const by = sweepingJob(ctx.db, row);
  if (by !== null) {
    return {
      lines: [`It is being cancelled with all other jobs of ${row.user}, asked for by ${by}.`],
      behind: [],
    };
  }
  switch (job.reason) {
    case "held":
      return { lines: [`It is held. "ml release ${row.id}" lets it go.`], behind: [] };
    case "begin-at":
    case "retry-at": {
      const at = row.eligible_at ?? now;
      const what = job.reason === "begin-at" ? "It was asked to begin" : "Its next attempt begins";
      return {
        lines: [
          `${what} no earlier than ${new Date(at).toISOString()}, in ${formatDuration(at - now)}.`,
        ],
        behind: [],
      };
    }
    case "drained":
      return {
        lines: ['The box is drained: nothing starts until its admin types "fetchml resume".'],
        behind: [],
      };
    case "resources":
    case "disk":
      return row.eligible_at !== null && row.eligible_at > now
        ? { lines: givenBackLines(job.outcome, row.eligible_at - now), behind: [] }
        : explainShortage(ctx, row);
    case "quota":
    case null:
      return explainShortage(ctx, row);
  }
}

/** Its outcome tells what was short when its files were to be laid out. */
function givenBackLines(outcome: Outcome | null, waitMs: number): readonly string[] {
  const why = outcome?.kind === "failed-to-start" ? outcome.message.split("\n") : [];
  return [...why, `It is tried again in ${formatDuration(waitMs)}.`];
}

function signalWords(exitCode: number): string {
  const signal = likelySignal(exitCode);
  return signal === null ? "" : `, which often means that ${signal} ended it`;
}

function endSentence(outcome: Outcome): string {
  switch (outcome.kind) {
    case "exited":
      if (outcome.exit_code === 0) return "ended well: exit code 0.";
      return `failed with exit code ${outcome.exit_code}${signalWords(outcome.exit_code)}.`;
    case "signalled":
      return `was ended by ${outcome.signal}.`;
    case "timed-out":
      return `ran out of its time of ${formatDuration(outcome.timeout_ms)} and was ended.`;
    case "cancelled":
      return `was cancelled by ${outcome.by}.`;
    case "preempted":
      return `was preempted by ${outcome.by}.`;
    case "failed-to-start":
      return `could not be started: ${outcome.message}`;
    case "setup":
      return `failed in its setup, which ended with exit code ${outcome.exit_code}; its command did not run.`;
    case "host-oom":
      return outcome.limit_bytes === null
        ? `was ended because the box ran out of memory${usedWords(outcome.peak_bytes)}.`
        : `was ended because it went over its memory of ${formatSize(outcome.limit_bytes)}.`;
    case "disk-full":
      return diskSentence(outcome);
    case "no-output":
      return `was ended because it wrote nothing for ${formatDuration(outcome.silent_ms)}.`;
    case "lost":
      return `was lost: ${outcome.message}`;
  }
}

function diskSentence({ path, used_bytes: used, limit_bytes: limit }: DiskFull): string {
  return used === undefined || limit === undefined
    ? "failed while the disk of the box was full."
    : `was ended because its files took ${formatSize(used)}, most of it in ${path}, and may take ${formatSize(limit)}.`;
}

type DiskFull = Extract<Outcome, { kind: "disk-full" }>;

function usedWords(peak: number | undefined): string {
  return peak === undefined ? "" : ` while it used up to ${formatSize(peak)}`;
}
