// `fetchml gc`: remove what is kept too long and what nobody needs, or say what that would be.
import { EXIT, formatDuration, formatSize, type Collected, type GcReport } from "@fetchml/protocol";
import { asAdmin, type AdminCall } from "./admin-call.ts";
import type { Invocation } from "./invocation.ts";
import { printJson, printTable, say } from "./output.ts";

/** Time between two questions how far it is. */
const ASK_MS = 200;

/** `fetchml gc [--dry-run] [--json]`. Ends with 1 when something could not be done. */
export async function run({ flags }: Invocation): Promise<number> {
  const dryRun = flags["dry-run"] === true;
  const report = await asAdmin(flags, (call) => runToEnd(call, dryRun));
  if (flags["json"] === true) printJson(report);
  else {
    print(report);
    printKept(report);
    printNotTaken(report);
  }
  for (const problem of report.problems) say(`Not done: ${problem}.`);
  return report.problems.length === 0 ? EXIT.ok : EXIT.other;
}

async function runToEnd(call: AdminCall, dryRun: boolean): Promise<GcReport> {
  const started = await call("gc.start", { dry_run: dryRun });
  for (;;) {
    const report = await call("gc.show", started);
    if (report.ended_at !== null) return report;
    await Bun.sleep(ASK_MS);
  }
}

function print({ dry_run, removed }: GcReport): void {
  const bytes = removed.reduce((sum, each) => sum + each.bytes, 0);
  if (removed.length === 0)
    return say(dry_run ? "There is nothing to remove." : "There was nothing to remove.");
  printTable(
    ["WHAT", "COUNT", "SIZE"],
    removed.map((each) => [WORDS[each.kind], String(each.count), formatSize(each.bytes)]),
  );
  say(`${dry_run ? "Would free" : "Freed"} ${formatSize(bytes)}.`);
}

function printKept({ kept_for_now }: GcReport): void {
  if (kept_for_now === undefined) return;
  const what = kept_for_now.what.map(
    ({ kind, count, bytes }) => `${WORDS[kind]}: ${count}, ${formatSize(bytes)}`,
  );
  const age = formatDuration(kept_for_now.younger_than_ms);
  say(`Kept for now, as sent less than ${age} ago or relied on by an upload: ${what.join("; ")}.`);
}

function printNotTaken({ dry_run, settings_not_taken: keys }: GcReport): void {
  if (keys === undefined) return;
  const what = keys.join(", ");
  const reload = 'Reload it ("systemctl reload fetchml") or restart it';
  say(
    dry_run
      ? `That goes by the config file as it is now. The running server has not taken its ${what} yet. ${reload}.`
      : `That did not go by the ${what} of the config file, which the running server has not taken yet. ${reload}; "fetchml gc --dry-run" shows what would go then.`,
  );
}

const WORDS: Readonly<Record<Collected, string>> = {
  work: "working folders of ended jobs",
  checkpoints: "checkpoints of ended jobs",
  outputs: "outputs",
  log: "logs",
  code: "snapshots that no job needs",
  blobs: "files of no snapshot",
  uploads: "unfinished uploads",
  setups: "kept setups",
  strays: "things that belong to nothing",
};
