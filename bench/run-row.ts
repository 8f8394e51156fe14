// Runs one row in a folder of its own and writes what it gave.
import { rmSync } from "node:fs";
import { makeBenchFolder } from "./bench-folder.ts";
import { cgroupsOf, removeCgroups } from "./left-cgroups.ts";
import { endProcessesOf, leaveNothing } from "./leftovers.ts";
import { thisMachine } from "./machine.ts";
import { createRecorder } from "./recorder.ts";
import { writeResult, type Result } from "./result.ts";
import type { Row } from "./row.ts";
import { timed } from "./timed.ts";

/** How to run. */
export interface RunOptions {
  readonly isQuick: boolean;
  readonly say: (text: string) => void;
  /** When the run began, ISO 8601. Default now: the row is a run of its own. */
  readonly run?: string;
  /** Where the result goes. Default `bench/results`. */
  readonly results?: string;
}

/** Repetitions of everything, unless quick. */
const ROUNDS = 3;

/** Measures a row and writes its result. @throws Error when FetchML or the floor fails; a peer that does is named as missing */
export async function runRow(
  row: Row,
  { isQuick, say, run = new Date().toISOString(), results }: RunOptions,
): Promise<Result> {
  const folder = makeBenchFolder();
  current = folder;
  try {
    // What the row before has left to write is not to slow this one.
    if (!isQuick) await timed(["sync"]);
    const machine = await thisMachine();
    say(`${row.name}: ${row.title}`);
    const date = new Date().toISOString();
    const begunAt = performance.now();
    const recorder = createRecorder({ isQuick, rounds: isQuick ? 1 : ROUNDS, folder, say });
    await row.measure(recorder);
    const { figures, missing, curves } = recorder.recorded();
    const result: Result = {
      row: row.name,
      title: row.title,
      run,
      date,
      seconds: Math.round((performance.now() - begunAt) / 1000),
      quick: isQuick,
      machine,
      figures: figures.map((figure) => ({ ...figure, runs: [...figure.runs] })),
      missing: [...missing],
      curves: curves.map((curve) => ({ ...curve, points: [...curve.points] })),
    };
    const file = await writeResult(result, results);
    say(`  ${file}, ${result.seconds} s`);
    return result;
  } finally {
    // A row that has failed may not have ended all that it had started.
    endProcessesOf(folder);
    removeCgroups(cgroupsOf(folder));
    rmSync(folder, { recursive: true, force: true });
    current = null;
  }
}

let current: string | null = null;

/** For a bench that is told to stop: ends every process of the row at work and removes its folder. Nothing happens between rows. */
export function abandonRow(): void {
  if (current !== null) leaveNothing(current);
}
