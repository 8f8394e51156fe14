// Writes bench/README.md and its plots from the results.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { readNotReached } from "./not-reached.ts";
import { plotSvg } from "./plot.ts";
import { readResults, type Result } from "./result.ts";
import type { Curve, Row } from "./row.ts";
import { ROWS } from "./rows.ts";
import { notReachedIn, summaryOf } from "./summary.ts";
import { tableOf, wideTableOf } from "./table.ts";

const PAGE = join(import.meta.dir, "README.md");
const PLOTS = join(import.meta.dir, "plots");
const BEGIN = "<!-- results: written by `bun bench/main.ts --table` -->";
const END = "<!-- /results -->";

/** Writes the part of the page between its marks, and the plots. What else the page says stays. */
export async function writePage(): Promise<void> {
  const results = readResults();
  mkdirSync(PLOTS, { recursive: true });
  const plots = plotTexts([...results.values()]);
  for (const old of readdirSync(PLOTS)) if (!plots.has(old)) rmSync(join(PLOTS, old));
  for (const [name, text] of plots) writeFileSync(join(PLOTS, name), text);
  writeFileSync(PAGE, await pageText(readFileSync(PAGE, "utf8"), results));
}

/** The plots of results by the names of their files. */
export function plotTexts(results: readonly Result[]): ReadonlyMap<string, string> {
  const plots = [...plotsOf(results)];
  return new Map(plots.map(([name, curves]) => [`${name}.svg`, plotSvg(curves)]));
}

/** The page with these results in place of those it has. */
export async function pageText(
  page: string,
  results: ReadonlyMap<string, Result>,
): Promise<string> {
  const [before = "", rest = ""] = page.split(BEGIN);
  const after = rest.split(END)[1] ?? "";
  const text = `${before}${BEGIN}\n\n${resultsText(results)}\n${END}${after}`;
  return format(text, { ...(await resolveConfig(PAGE)), parser: "markdown" });
}

/** The results as Markdown: the goals in short, then a section for each row. */
export function resultsText(
  results: ReadonlyMap<string, Result>,
  notReached: ReadonlyMap<string, string> = readNotReached(),
): string {
  const runs = new Set([...results.values()].map(({ run }) => run));
  const seconds = [...results.values()].reduce((sum, each) => sum + each.seconds, 0);
  const one = `All rows come from one run of ${Math.ceil(seconds / 60)} minutes.`;
  const many = `The rows come from ${runs.size} runs: only figures of one section belong together.`;
  const goals = `## The goals\n\n${runs.size === 1 ? one : many}\n\n${summaryOf(ROWS, results)}`;
  const sections = ROWS.map((row) => sectionOf(row, results.get(row.name), notReached));
  return [goals, ...sections].join("\n");
}

function sectionOf(
  row: Row,
  result: Result | undefined,
  notReached: ReadonlyMap<string, string>,
): string {
  const head = `## ${row.title}\n\n\`npm run bench -- ${row.name}\``;
  if (result === undefined) return `${head}: not measured yet.\n`;
  const table = row.isWide === true ? wideTableOf(result) : tableOf(result);
  const plots = [...plotsOf([result])].map(
    ([name, [curve]]) => `![${curve?.title ?? name}](plots/${name}.svg)\n`,
  );
  const whys = notReachedIn(result).map(({ what }) => {
    const text = notReached.get(`${row.name}: ${what}`) ?? "Nothing is written about this yet.";
    return `### Not reached: ${what}\n\n${text}\n`;
  });
  return [`${head}. ${circumstances(result)}\n`, table, ...plots, ...whys].join("\n");
}

function circumstances({ date, seconds, machine, quick }: Result): string {
  const { cpu, cores, memory_gb, kernel, system, bun, fetchml, busy_cpus } = machine;
  const noise =
    busy_cpus > cores / 10
      ? ` Others were at work (${busy_cpus} CPUs busy): take it as rough.`
      : "";
  const haste = quick ? " A quick run: no figures to show." : "";
  return `${date.slice(0, 16).replace("T", " ")} UTC, ${seconds} s, ${cores} × ${cpu}, ${memory_gb} GB, ${system}, Linux ${kernel}, Bun ${bun}, FetchML ${fetchml}.${noise}${haste}`;
}

function plotsOf(results: readonly Result[]): ReadonlyMap<string, readonly Curve[]> {
  const plots = new Map<string, Curve[]>();
  for (const curve of results.flatMap(({ curves }) => curves)) {
    plots.set(curve.plot, [...(plots.get(curve.plot) ?? []), curve]);
  }
  return plots;
}
