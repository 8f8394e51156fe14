// Tells what a job waits for, or how and why it ended.
import { formatDuration, formatSize, isFinal, type Job, type Outcome } from "@fetchml/protocol";
import {
  pickNext,
  possibleJobs,
  type FreeResources,
  type ResourceKind,
  type Wait,
} from "../domain/pick-next.ts";
import { isOwner, type Principal } from "../domain/principal.ts";
import { attemptsOf } from "../store/attempts.ts";
import { jobOf, type JobRow } from "../store/job-row.ts";
import { countAhead, startableJobs } from "../store/jobs-queue.ts";
import type { QueueContext } from "./context.ts";
import { findJob } from "./find-job.ts";
import { amountOf, excessOf, wholeBox } from "./impossible-request.ts";
import { freeOf, jobsAlive, type AliveJob } from "./usage.ts";

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
    const job = jobOf(row, ctx.clock.now());
    const { lines, behind } = explain(ctx, row, job);
    const last =
      row.state === "queued" && row.attempt > 0 && job.outcome !== null
        ? [`Attempt ${row.attempt} ${endSentence(job.outcome)}`]
        : [];
    const whose = isOwner(principal, row.user_id) ? [] : [`It belongs to ${row.user}.`];
    return { job, ownerId: row.user_id, lines: [...lines, ...last, ...whose], behind };
  });
}

function explain(
  ctx: QueueContext,
  row: JobRow,
  job: Job,
): { lines: readonly string[]; behind: readonly number[] } {
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

function explainQueued(
  ctx: QueueContext,
  row: JobRow,
  job: Job,
): { lines: readonly string[]; behind: readonly number[] } {
  const now = ctx.clock.now();
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
    case "resources":
    case "drained":
    case "quota":
    case null:
      return explainShortage(ctx, row, now);
  }
}

function explainShortage(
  ctx: QueueContext,
  row: JobRow,
  now: number,
): { lines: readonly string[]; behind: readonly number[] } {
  const excess = excessOf(row, ctx.totals);
  if (excess !== null) {
    return {
      lines: [`It asks for ${excess}, so it cannot start. "ml edit ${row.id}" can ask for less.`],
      behind: [],
    };
  }
  const alive = jobsAlive(ctx.db);
  const free = freeOf(ctx.totals, alive);
  const possible = possibleJobs(startableJobs(ctx.db, now), wholeBox(ctx.totals));
  const { waits } = pickNext(possible, free, true);
  const wait = waits.find((each) => each.id === row.id);
  const ahead = countAhead(ctx.db, row.queue_rank);
  const place =
    ahead === 0
      ? "It is next in the queue."
      : `${ahead} queued ${ahead === 1 ? "job stands" : "jobs stand"} before it.`;
  if (wait === undefined) return { lines: ["It is about to start.", place], behind: [] };
  const holders =
    wait.short_of.length === 0
      ? []
      : alive.filter((job) => wait.short_of.some((kind) => holds(job, kind)));
  const lines = wait.short_of.map((kind) => shortSentence(kind, row, { ctx, free, holders }));
  if (wait.behind !== null) lines.push(behindSentence(wait, wait.behind));
  return {
    lines: [...lines, place],
    behind: [...holders.map((job) => job.row.id), ...(wait.behind === null ? [] : [wait.behind])],
  };
}

function behindSentence(wait: Wait, behind: number): string {
  return wait.short_of.length === 0
    ? `What it needs is free, but job ${behind} came first and needs it.`
    : `Job ${behind} came first and waits for the same.`;
}

function holds({ row, gpu_uuids }: AliveJob, kind: ResourceKind): boolean {
  switch (kind) {
    case "cpus":
      return true;
    case "mem":
      return row.mem_bytes > 0;
    case "gpus":
      return gpu_uuids.length > 0;
  }
}

function shortSentence(
  kind: ResourceKind,
  row: JobRow,
  {
    ctx,
    free,
    holders,
  }: {
    readonly ctx: QueueContext;
    readonly free: FreeResources;
    readonly holders: readonly AliveJob[];
  },
): string {
  const by = holders
    .filter((job) => holds(job, kind))
    .map((job) => `${job.row.id} (${job.row.name}, ${job.row.user})`);
  const held =
    by.length === 0
      ? ""
      : `; the rest is held by ${by.slice(0, 5).join(", ")}${by.length > 5 ? " and others" : ""}`;
  return `It waits for ${amountOf(kind, row)}: ${amountIn(kind, free)} of ${amountIn(kind, ctx.totals)} free${held}.`;
}

function amountIn(kind: ResourceKind, { cpus, mem_bytes, gpu_uuids }: FreeResources): string {
  switch (kind) {
    case "cpus":
      return `${cpus}`;
    case "mem":
      return formatSize(mem_bytes);
    case "gpus":
      return `${gpu_uuids.length}`;
  }
}

function endSentence(outcome: Outcome): string {
  switch (outcome.kind) {
    case "exited":
      if (outcome.exit_code === 0) return "ended well: exit code 0.";
      return outcome.exit_code > 128
        ? `failed with exit code ${outcome.exit_code}, which often means signal ${outcome.exit_code - 128}.`
        : `failed with exit code ${outcome.exit_code}.`;
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
    case "host-oom":
      return outcome.limit_bytes === null
        ? "was ended because the box ran out of memory."
        : `was ended because it went over its memory of ${formatSize(outcome.limit_bytes)}.`;
    case "disk-full":
      return `was ended because the disk was full at ${outcome.path}.`;
    case "no-output":
      return `was ended because it wrote nothing for ${formatDuration(outcome.silent_ms)}.`;
    case "lost":
      return `was lost: ${outcome.message}`;
  }
}
