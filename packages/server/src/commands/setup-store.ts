// The kept setups, as collections want them.
import { join } from "node:path";
import {
  listKeptSetups,
  listLeftovers,
  removeKeptSetup,
  removeLeftover,
  removeLoneLocks,
} from "../executor/setup/kept-setups.ts";
import type { OtherStore } from "../retention/context.ts";
import { measureTrees } from "../retention/tree-tools.ts";

/** Where the tools of the box are found. */
const TOOLS = "/usr/bin:/bin";

/**
 * For so long a lock without a setup may be wanted, for what is marked in it, and another collection may be at what is half
 * removed, which it does without the lock. What is half made has no such time: its lock tells whether somebody makes it.
 */
const YOUNG_MS = 24 * 60 * 60 * 1000;

/**
 * The setups of a data folder. One that an attempt uses stays, whatever is asked. What was left half made, or half
 * removed a day ago, goes with whatever is asked of the longest unused, and so do locks of a day ago without a setup, which
 * count for nothing.
 */
export function setupStore(dataDir: string, now: () => number): OtherStore {
  return {
    path: join(dataDir, "setups"),
    collect: async ({ dryRun, usedSince, usedBefore, bytes, signal }) => {
      let count = 0;
      let freed = 0;
      const leftovers = usedSince === -Infinity ? await listLeftovers(dataDir) : [];
      for (const leftover of leftovers) {
        const isYoung = !leftover.isHalfMade && leftover.usedAt >= now() - YOUNG_MS;
        if (isYoung || freed >= bytes) continue;
        signal.throwIfAborted();
        const size = (await measureTrees([leftover.path], signal)).get(leftover.path) ?? 0;
        if (!dryRun && !(await removeLeftover(leftover, TOOLS))) continue;
        count += 1;
        freed += size;
      }
      for (const setup of await listKeptSetups(dataDir)) {
        if (setup.usedAt < usedSince) continue;
        if (setup.usedAt >= usedBefore || freed >= bytes) break;
        signal.throwIfAborted();
        const size = (await measureTrees([setup.path], signal)).get(setup.path) ?? 0;
        if (!dryRun && !(await removeKeptSetup(setup, TOOLS))) continue;
        count += 1;
        freed += size;
      }
      if (!dryRun && usedSince === -Infinity) {
        await removeLoneLocks(dataDir, now() - YOUNG_MS, TOOLS);
      }
      return { count, bytes: freed };
    },
  };
}
