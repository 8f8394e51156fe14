// Row: how long a project takes to the server, beside rsync, cp and git; snapshot-transfer.ts measures it.
import { join } from "node:path";
import * as z from "zod/mini";
import type { Row } from "./row.ts";
import { timed } from "./timed.ts";

const Samples = z.array(
  z.object({ ms: z.number(), kind: z.string(), contender: z.string(), act: z.string() }),
);

/** Each project of the table, first, unchanged and with one file changed. */
export const transferTime: Row = {
  name: "transfer-time",
  title: "`ml queue` sends a project: first, unchanged, one file changed",
  async measure(bench) {
    const kinds = bench.isQuick ? ["1 file"] : ["1 file", "1,000 files", "10 MB"];
    for (const kind of kinds) {
      const script = join(import.meta.dir, "snapshot-transfer.ts");
      const options = ["--rounds", String(bench.rounds), "--only", kind, "--in", bench.folder];
      const { stdout } = await timed([process.execPath, script, ...options]);
      const last: unknown = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
      for (const { contender, act, ms } of Samples.parse(last)) {
        if (contender === "ml queue (bytes)") continue;
        const who = contender === "ml queue" ? "FetchML" : contender;
        bench.record({ who, what: `${kind}, ${act}`, unit: "ms" }, ms);
      }
    }
  },
};
