// Writes bench/README.md and its plots from the results.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { plotSvg } from "./plot.ts";
import { readResults, type Result } from "./result.ts";
import type { Curve } from "./row.ts";
import { ROWS } from "./rows.ts";
import { tableOf } from "./table.ts";

const PAGE = join(import.meta.dir, "README.md");
const PLOTS = join(import.meta.dir, "plots");
const BEGIN = "<!-- results: written by `bun bench/main.ts --table` -->";
const END = "<!-- /results -->";

/** Writes the part of the page between its marks, and the plots. What else the page says stays. */
export async function writePage(): Promise<void> {
  const results = readResults();
  mkdirSync(PLOTS, { recursive: true });
  for (const [name, curves] of plotsOf([...results.values()])) {
    writeFileSync(join(PLOTS, `${name}.svg`), plotSvg(curves));
  }
  writeFileSync(PAGE, await pageText(readFileSync(PAGE, "utf8"), results));
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

/** The results as Markdown, a section for each row. */
export function resultsText(results: ReadonlyMap<string, Result>): string {
  return ROWS.map((row) => {
    const result = results.get(row.name);
    const head = `## ${row.title}\n\n\`npm run bench -- ${row.name}\``;
    if (result === undefined) return `${head}: not measured yet.\n`;
    const plots = [...plotsOf([result]).keys()].map((name) => `![${name}](plots/${name}.svg)\n`);
    return `${head}. ${circumstances(result)}\n\n${tableOf(result)}${plots.length > 0 ? `\n${plots.join("\n")}` : ""}`;
  }).join("\n");
}

function circumstances({ date, machine, quick }: Result): string {
  const { cpu, cores, memory_gb, kernel, system, bun, fetchml, load } = machine;
  const noise = load > cores / 10 ? ` Others were at work (load ${load}): take it as rough.` : "";
  const haste = quick ? " A quick run: no figures to show." : "";
  return `${date.slice(0, 16).replace("T", " ")} UTC, ${cores} × ${cpu}, ${memory_gb} GB, ${system}, Linux ${kernel}, Bun ${bun}, FetchML ${fetchml}.${noise}${haste}`;
}

function plotsOf(results: readonly Result[]): ReadonlyMap<string, readonly Curve[]> {
  const plots = new Map<string, Curve[]>();
  for (const curve of results.flatMap(({ curves }) => curves)) {
    plots.set(curve.plot, [...(plots.get(curve.plot) ?? []), curve]);
  }
  return plots;
}
