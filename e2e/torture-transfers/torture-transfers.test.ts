// Twenty kills in the middle of uploads and pulls with a seed of the day's choosing, which is printed: `npm run torture:transfers -- --seed N`.
import { expect, test } from "bun:test";
import { tortureTransfers } from "./torture-transfers.ts";

const KILLS = 20;

test("whoever is killed in the middle of a transfer, no job runs with a wrong tree, gc leaves no orphan, and pulls end identical", async () => {
  const seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  const { faults, kills } = await tortureTransfers({ seed, kills: KILLS });
  const hits = Object.values(kills).reduce((sum, count) => sum + count, 0);
  expect({ seed, faults, hits }).toEqual({ seed, faults: [], hits: KILLS });
}, 300_000);
