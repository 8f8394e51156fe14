// A job that leaves marks when it starts and when it ends, and what its marks, log and outputs must then be.
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Random } from "./random.ts";

/** One job of the torture. Its name is unique, so that it is known again even where the answer to its submit was lost. */
export interface MarkedJob {
  readonly name: string;
  /** In which it was submitted, from 0. */
  readonly round: number;
  readonly lines: number;
  /** Written to the log at a time before it rests, so that it lives for a while. */
  readonly linesPerRest: number;
  /** The numbers from 1 to this one are its output. */
  readonly numbers: number;
  /** Never one that `ml` itself ends with. */
  readonly exitCode: number;
  /** Ends only when it is cancelled. */
  readonly isEndless: boolean;
}

/** Draws a job. */
export function drawJob(random: Random, name: string, round: number): MarkedJob {
  const isEndless = random.chance(0.15);
  const lines = random.whole(0, 400);
  return {
    name,
    round,
    lines,
    linesPerRest: random.chance(0.5) ? lines + 1 : random.whole(20, 100),
    numbers: random.chance(0.2) ? 0 : random.whole(1, 30_000),
    exitCode: isEndless || random.chance(0.6) ? 0 : random.whole(10, 100),
    isEndless,
  };
}

/**
 * What comes after `ml queue NAME --`: writes its log and its output, and appends to the job's marks `start N`, `torn N` when
 * the output could not be written, and `end N CODE`.
 */
export function commandOf(job: MarkedJob, marks: string): readonly string[] {
  mkdirSync(marks, { recursive: true });
  const file = join(marks, job.name);
  const script = [
    `echo "start $ML_ATTEMPT" >> '${file}'`,
    `i=0`,
    `while [ $i -lt ${job.lines} ]; do`,
    `  echo "${job.name} line $i"; i=$((i + 1))`,
    `  [ $((i % ${job.linesPerRest})) = 0 ] && sleep 0.05`,
    `done`,
    `seq 1 ${job.numbers} 2>/dev/null > "$ML_OUTPUT_DIR/${OUTPUT}" || echo "torn $ML_ATTEMPT" >> '${file}'`,
    ...(job.isEndless ? [`while :; do sleep 0.1; done`] : []),
    `echo "end $ML_ATTEMPT ${job.exitCode}" >> '${file}'`,
    `exit ${job.exitCode}`,
  ];
  // The shell tells of a file that it cannot make, and the log is to be known to the byte.
  return ["sh", "-c", `exec 3>&2 2>/dev/null\n${script.join("\n")}`];
}

/** The one file that a job leaves. */
export const OUTPUT = "numbers.txt";

/** The whole output of an attempt that could write it. */
export function wholeOutput(job: MarkedJob): string {
  return Array.from({ length: job.numbers }, (_, index) => `${index + 1}\n`).join("");
}

/** The whole log of an attempt that ran to its end. */
export function wholeLog(job: MarkedJob): string {
  return Array.from({ length: job.lines }, (_, line) => `${job.name} line ${line}\n`).join("");
}

/**
 * Whether a log is the beginning of the whole one, to the byte. With `mayMiss` it may have holes where the disk was full, each
 * of them marked: then what stands between the marks must be pieces of the whole, in their order.
 */
export function isLogSoFar(job: MarkedJob, log: string, mayMiss: boolean): boolean {
  const whole = wholeLog(job);
  if (whole.startsWith(log)) return true;
  if (!mayMiss) return false;
  if (UNBEGUN.startsWith(log)) return true;
  let at = 0;
  for (const [index, piece] of log.split(LOSS).entries()) {
    const found = index === 0 ? (whole.startsWith(piece) ? 0 : -1) : whole.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return true;
}

/** Whether a log is whole, or lacks only what it says it lacks. */
export function isLogComplete(job: MarkedJob, log: string, mayMiss: boolean): boolean {
  if (log === wholeLog(job)) return true;
  return mayMiss && log.includes(LOSS) && isLogSoFar(job, log, true);
}

/** The marks that a job has left, each a line. */
export function marksOf(job: MarkedJob, marks: string): readonly string[] {
  const file = join(marks, job.name);
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
}

/** All that is in the log of a job that could not be started, since there was no room to say that it runs. */
const UNBEGUN = "fetchml: the disk was full, and the job could not be started\n";

/** What the supervisor writes into a log of which some found no room. */
const LOSS = "\nfetchml: the disk was full, and some of the log is missing here\n";
