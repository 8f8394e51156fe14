// The bench: `npm run bench`, one row with `npm run bench -- submit-rate`, fast and rough with `--quick`, the page with `--table`.
import { constants } from "node:os";
import { parseArgs } from "node:util";
import { buildForHost } from "../scripts/build.ts";
import { removeLeftBenches } from "./bench-folder.ts";
import { writePage } from "./page.ts";
import { ROWS } from "./rows.ts";
import { abandonRow, runRow } from "./run-row.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    table: { type: "boolean", default: false },
    // A folder for results in place of bench/results; the page is then not written.
    results: { type: "string" },
  },
});

// Who stops the bench finds neither its processes nor its folders.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => {
    say(`The bench stops: ${signal}.`);
    abandonRow();
    process.exit(128 + constants.signals[signal]);
  });
}

const unknown = positionals.find((name) => !ROWS.some((row) => row.name === name));
if (unknown !== undefined) {
  say(`There is no row ${unknown}. There are: ${ROWS.map(({ name }) => name).join(" ")}`);
  process.exitCode = 2;
} else if (values.table) {
  await writePage();
} else {
  await runAll();
}

async function runAll(): Promise<void> {
  removeLeftBenches();
  await buildForHost();
  const run = new Date().toISOString();
  const chosen = ROWS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  for (const row of chosen) {
    const results = values.results === undefined ? {} : { results: values.results };
    try {
      await runRow(row, { isQuick: values.quick, say, run, ...results });
    } catch (error) {
      say(`${row.name} failed: ${error instanceof Error ? error.message : String(error)}`);
      process.exitCode = 1;
    }
  }
  const seconds = Math.round((Date.now() - Date.parse(run)) / 1000);
  say(`${chosen.length} rows in ${seconds} s.`);
  // What a quick run measures is no figure to show.
  if (values.results === undefined && !values.quick) await writePage();
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
