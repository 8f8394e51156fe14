// The kept setups, as collections want them.
import { join } from "node:path";
import { listKeptSetups, removeKeptSetup } from "../executor/setup/kept-setups.ts";
import type { OtherStore } from "../retention/context.ts";
import { measureTrees } from "../retention/tree-tools.ts";

/** Where the tools of the box are found. */
const TOOLS = "/usr/bin:/bin";

/** The setups of a data folder. One that an attempt uses stays, whatever is asked. */
export function setupStore(dataDir: string): OtherStore {
  return {
    path: join(dataDir, "setups"),
    collect: async ({ dryRun, usedSince, usedBefore, bytes, signal }) => {
      let count = 0;
      let freed = 0;
      for (const setup of await listKeptSetups(dataDir)) {
        if (setup.usedAt < usedSince) continue;
        if (setup.usedAt >= usedBefore || freed >= bytes) break;
        signal.throwIfAborted();
        const size = (await measureTrees([setup.path], signal)).get(setup.path) ?? 0;
        if (!dryRun && !(await removeKeptSetup(setup, TOOLS))) continue;
        count += 1;
        freed += size;
      }
      return { count, bytes: freed };
    },
  };
}
