// The table of a result: goal, FetchML, each peer, the floor, and the ratio to each.
import type { Result } from "./result.ts";
import type { Figure, Goal } from "./row.ts";
import { median } from "./statistics.ts";

/** A result as Markdown: one line for each measurement of each contender. */
export function tableOf(result: Result): string {
  const whats = [...new Set(result.figures.map(({ what }) => what))];
  const lines = whats.flatMap((what) => linesOf(result.figures.filter((one) => one.what === what)));
  const head = "| what | who | goal | median | lowest – highest | FetchML is | |";
  const rule = "| --- | --- | --- | --- | --- | --- | --- |";
  const missing = result.missing.map(({ who, reason }) => `- Missing: ${who}: ${reason}`);
  const end = missing.length === 0 ? "" : `\n${missing.join("\n")}\n`;
  return lines.length === 0 ? end : `${head}\n${rule}\n${lines.join("\n")}\n${end}`;
}

function linesOf(figures: readonly Figure[]): readonly string[] {
  const ours = figures.find(({ who }) => who === "FetchML");
  return figures.map((figure) => {
    const { what, who, unit, goal, runs, note = "" } = figure;
    const middle = median(runs);
    const spread = `${shown(Math.min(...runs))} – ${shown(Math.max(...runs))}`;
    const cells = [
      what,
      who,
      goal === undefined ? "" : `${goalText(goal)} ${unit}${isReached(goal, middle) ? " ✓" : " ✗"}`,
      `${shown(middle)} ${unit}`,
      spread,
      ours === undefined || ours === figure ? "" : ratioText(ours, figure),
      note,
    ];
    return `| ${cells.join(" | ")} |`;
  });
}

/** Whether a value meets its goal. */
export function isReached({ atMost, atLeast }: Goal, value: number): boolean {
  return value <= (atMost ?? Infinity) && value >= (atLeast ?? -Infinity);
}

function goalText({ atMost, atLeast }: Goal): string {
  return atMost === undefined ? `≥ ${shown(atLeast ?? 0)}` : `≤ ${shown(atMost)}`;
}

/** Above one FetchML is better, whichever way the unit goes. */
function ratioText(ours: Figure, other: Figure): string {
  const isRate = ours.unit.endsWith("/s");
  const [a, b] = [median(ours.runs), median(other.runs)];
  const ratio = isRate ? a / b : b / a;
  return `${shown(ratio)} × ${other.who === "floor" ? "the floor" : "as good"}`;
}

function shown(value: number): string {
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString("en");
  return String(Number(value.toPrecision(3)));
}
