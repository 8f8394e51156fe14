// Runs one row in a folder of its own and writes what it gave.
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { thisMachine } from "./machine.ts";
import { createRecorder } from "./recorder.ts";
import { writeResult, type Result } from "./result.ts";
import type { Row } from "./row.ts";

/** How to run. */
export interface RunOptions {
  readonly isQuick: boolean;
  readonly say: (text: string) => void;
  /** Where the result goes. Default `bench/results`. */
  readonly results?: string;
}

/** Repetitions of everything, unless quick. */
const ROUNDS = 3;

/** Measures a row and writes its result. @throws Error when FetchML or the floor fails; a peer that does is named as missing */
export async function runRow(row: Row, { isQuick, say, results }: RunOptions): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "fetchml-bench-"));
  // Jobs of accounts of their own pass through.
  chmodSync(folder, 0o711);
  const begunAt = performance.now();
  const machine = thisMachine();
  say(`${row.name}: ${row.title}`);
  try {
    const recorder = createRecorder({ isQuick, rounds: isQuick ? 1 : ROUNDS, folder, say });
    await row.measure(recorder);
    const { figures, missing, curves } = recorder.recorded();
    const result: Result = {
      row: row.name,
      title: row.title,
      date: new Date().toISOString(),
      quick: isQuick,
      machine,
      figures: figures.map((figure) => ({ ...figure, runs: [...figure.runs] })),
      missing: [...missing],
      curves: curves.map((curve) => ({ ...curve, points: [...curve.points] })),
    };
    const file = await writeResult(result, results);
    say(`  ${file}, ${((performance.now() - begunAt) / 1000).toFixed(0)} s`);
    return result;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
