// Thirty rounds of torture with a seed of the day's choosing, which is printed: `npm run torture -- --seed N` repeats it.
import { expect, test } from "bun:test";
import { torture } from "./torture.ts";

const ROUNDS = 30;

test("whatever happens to the server, nothing that was acknowledged is lost, run twice or told wrong", async () => {
  const seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  const faults: string[] = [];
  const rounds = await torture({
    seed,
    goesOn: (done) => done < ROUNDS,
    onRound: (report) => faults.push(...report.faults),
  });
  expect({ seed, faults, rounds }).toEqual({ seed, faults: [], rounds: ROUNDS });
}, 600_000);
