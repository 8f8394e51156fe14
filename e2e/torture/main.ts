// `npm run torture`: `--rounds N` or `--minutes N`, `--seed N`; prints the seed first, so that a failure can be repeated.
import { parseArgs } from "node:util";
import { buildForHost } from "../../scripts/build.ts";
import { CAN_FILL } from "./arena.ts";
import { torture } from "./torture.ts";

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string" },
      minutes: { type: "string" },
      seed: { type: "string" },
    },
  });
  const seed = Number(values.seed ?? crypto.getRandomValues(new Uint32Array(1))[0]);
  const deadline = Date.now() + Number(values.minutes ?? Infinity) * 60_000;
  const most = Number(values.rounds ?? (values.minutes === undefined ? 30 : Infinity));
  if (!Number.isSafeInteger(seed) || Number.isNaN(deadline) || Number.isNaN(most)) {
    process.stderr.write("usage: npm run torture -- [--rounds N | --minutes N] [--seed N]\n");
    return 2;
  }
  await buildForHost();
  process.stdout.write(`seed ${seed}\n`);
  const startedAt = Date.now();
  let [isWell, figures] = [true, ""];
  if (!CAN_FILL) process.stdout.write("not root: the disk does not fill\n");
  const rounds = await torture({
    seed,
    goesOn: (done) => done < most && Date.now() < deadline,
    onRound: ({ round, jobs, tally, faults }) => {
      figures = `${jobs} jobs; ${tally.toString()}`;
      process.stdout.write(`round ${round}: ${jobs} jobs so far, ${faults.length} faults\n`);
      for (const fault of faults) process.stdout.write(`  ${fault}\n`);
      if (faults.length > 0) isWell = false;
    },
  });
  const seconds = Math.round((Date.now() - startedAt) / 1000);
  process.stdout.write(
    `${rounds} rounds in ${seconds} s: ${isWell ? "well" : `failed; again with --seed ${seed}`}\n${figures}\n`,
  );
  return isWell && rounds > 0 ? 0 : 1;
}

process.exitCode = await main();
