// A job that leaves marks when it starts and when it ends, and what its marks, log and outputs must then be.
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Random } from "./random.ts";

/** One job of the torture. Its name is unique, so that it is known again even where the answer to its submit was lost. */
export interface MarkedJob {
  readonly name: string;
  readonly lines: number;
  /** Written to the log at a time before it rests, so that it lives for a while. */
  readonly linesPerRest: number;
  /** Never one that `ml` itself ends with. */
  readonly exitCode: number;
  /** Ends only when it is cancelled. */
  readonly isEndless: boolean;
}

/** Draws a job. */
export function drawJob(random: Random, name: string): MarkedJob {
  const isEndless = random.chance(0.15);
  const lines = random.whole(0, 400);
  return {
    name,
    lines,
    linesPerRest: random.chance(0.5) ? lines + 1 : random.whole(20, 100),
    exitCode: isEndless || random.chance(0.6) ? 0 : random.whole(10, 100),
    isEndless,
  };
}

/** What comes after `ml queue NAME --`: appends `start N` and `end N CODE` to the job's marks; writes its log and an output. */
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
    `echo "${job.name} made this" > "$ML_OUTPUT_DIR/result.txt"`,
    ...(job.isEndless ? [`while :; do sleep 0.1; done`] : []),
    `echo "end $ML_ATTEMPT ${job.exitCode}" >> '${file}'`,
    `exit ${job.exitCode}`,
  ];
  return ["sh", "-c", script.join("\n")];
}

/** The whole log of an attempt that ran to its end. */
export function wholeLog(job: MarkedJob): string {
  return Array.from({ length: job.lines }, (_, line) => `${job.name} line ${line}\n`).join("");
}

/** The marks that a job has left, each a line. */
export function marksOf(job: MarkedJob, marks: string): readonly string[] {
  const file = join(marks, job.name);
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
}
