// `npm run torture:transfers`: `--rounds N` kills in the middle of transfers, `--seed N`; prints the seed first, so that a failure can be repeated.
import { parseArgs } from "node:util";
import { buildForHost } from "../../scripts/build.ts";
import { tortureTransfers } from "./torture-transfers.ts";

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { rounds: { type: "string" }, seed: { type: "string" } },
  });
  const seed = Number(values.seed ?? crypto.getRandomValues(new Uint32Array(1))[0]);
  const kills = Number(values.rounds ?? 200);
  if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(kills) || kills < 1) {
    process.stderr.write("usage: npm run torture:transfers -- [--rounds N] [--seed N]\n");
    return 2;
  }
  await buildForHost();
  process.stdout.write(`seed ${seed}\n`);
  const startedAt = Date.now();
  const { faults } = await tortureTransfers({
    seed,
    kills,
    onVerdict: (so) => {
      const killed = Object.entries(so.kills).map(([what, count]) => `${what} ${count}`);
      process.stdout.write(
        `kills: ${killed.toSorted().join(", ")}; ${so.missed} too late; ${so.jobs} jobs; ${so.faults.length} faults\n`,
      );
      for (const fault of so.faults) process.stdout.write(`  ${fault}\n`);
    },
  });
  const seconds = Math.round((Date.now() - startedAt) / 1000);
  const verdict = faults.length === 0 ? "well" : `failed; again with --seed ${seed}`;
  process.stdout.write(`${kills} kills in ${seconds} s: ${verdict}\n`);
  return faults.length === 0 ? 0 : 1;
}

process.exitCode = await main();
