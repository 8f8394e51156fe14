// How a job stands or ended, in words.
import {
  formatDuration,
  formatSize,
  isFinal,
  likelySignal,
  type Job,
  type Outcome,
} from "@fetchml/protocol";
import type { Paint, Palette } from "./palette.ts";
import { plainText } from "./plain-text.ts";

/** How an attempt ended, as the end of a sentence: `exited with code 3`. */
export function outcomeWords(outcome: Outcome): string {
  switch (outcome.kind) {
    case "exited":
      return exitWords(outcome.exit_code);
    case "signalled":
      return `was ended by ${plainText(outcome.signal)}`;
    case "timed-out":
      return `ran out of its time of ${formatDuration(outcome.timeout_ms)}`;
    case "cancelled":
      return `was cancelled by ${plainText(outcome.by)}`;
    case "preempted":
      return `was preempted by ${plainText(outcome.by)}`;
    case "failed-to-start":
      return `could not be started: ${withoutStop(outcome.message)}`;
    case "setup":
      return `failed in its setup, which exited with code ${outcome.exit_code}`;
    case "host-oom":
      return outcome.limit_bytes === null
        ? "ran out of memory"
        : `ran out of its memory of ${formatSize(outcome.limit_bytes)}`;
    case "disk-full":
      return diskWords(outcome);
    case "no-output":
      return `was ended because it wrote nothing for ${formatDuration(outcome.silent_ms)}`;
    case "lost":
      return `was lost: ${withoutStop(outcome.message)}`;
  }
}

/** Messages of the server are sentences, mostly; whoever uses the words here ends the sentence. */
function withoutStop(message: string): string {
  return plainText(message).replace(/(?<!\.)\.\s*$/, "");
}

/** What reports a code above 128 cannot tell a signal from a program that chose that code. */
function exitWords(exitCode: number): string {
  const signal = likelySignal(exitCode);
  return `exited with code ${exitCode}${signal === null ? "" : `, as by ${signal}`}`;
}

function diskWords(outcome: Extract<Outcome, { kind: "disk-full" }>): string {
  const { path, used_bytes: used, limit_bytes: limit, exit_code: code } = outcome;
  if (used !== undefined && limit !== undefined) {
    return `took ${formatSize(used)} of the disk, most of it in ${plainText(path)}, and may take ${formatSize(limit)}`;
  }
  return `found the disk of the box full${code === undefined ? "" : `, and exited with code ${code}`}`;
}

/** `12 my-training-job`, as lists and messages name a job. */
export function jobWords(job: Pick<Job, "id" | "name">): string {
  return `${job.id} ${plainText(job.name)}`;
}

/** How a job ended, for whoever followed it: `Job 12 train failed: exited with code 3. "ml why 12" tells more.` */
export function endWords(job: Job): string {
  const head = `Job ${jobWords(job)}`;
  if (job.state === "succeeded") return `${head} succeeded.`;
  const how = job.outcome === null ? "" : outcomeWords(job.outcome);
  const more = `"ml why ${job.id}" tells more.`;
  if (!isFinal(job.state)) return `${head} has ended one attempt: it ${how}. ${more}`;
  // The other words say of themselves that the job did not end well.
  return `${head} ${job.state === "failed" ? `failed: ${how}` : how || job.state}. ${more}`;
}

/** The state in a word or two: `queued (held)`, `failed (exit 3)`. */
export function stateWords(job: Job): string {
  if (job.reason !== null) return `${job.state} (${job.reason})`;
  if (job.state === "failed" && job.outcome !== null) return `failed (${shortly(job.outcome)})`;
  return job.state;
}

/** The colour that a state has everywhere. */
export function statePaint(job: Job, palette: Palette): Paint {
  switch (job.state) {
    case "queued":
    case "starting":
    case "cancelling":
      return palette.waiting;
    case "running":
    case "succeeded":
      return palette.good;
    case "failed":
    case "timed-out":
    case "lost":
      return palette.bad;
    case "cancelled":
      return palette.dim;
  }
}

function shortly(outcome: Outcome): string {
  if (outcome.kind === "exited") return `exit ${outcome.exit_code}`;
  return outcome.kind === "signalled" ? plainText(outcome.signal) : outcome.kind;
}
