// The table of a result: goal, FetchML, each peer, the floor, and the ratio to each.
import { goalText, isReached, middleText, ratio, shown, spreadText } from "./figure-text.ts";
import type { Result } from "./result.ts";
import type { Figure } from "./row.ts";

/** A result as Markdown: one line for each measurement of each contender. */
export function tableOf(result: Result): string {
  const head = ["what", "who", "goal", "median", "lowest – highest", "FetchML is", ""];
  const lines = whatsOf(result).flatMap((what) => linesOf(of(result, what)));
  return `${asTable(head, lines)}${missingText(result)}`;
}

/** A result as Markdown: one line for each measurement, the contenders side by side. */
export function wideTableOf(result: Result): string {
  const contenders = [...new Set(result.figures.map(({ who }) => who))];
  const whats = whatsOf(result);
  const hasGoals = result.figures.some(({ goal }) => goal !== undefined);
  const lines = whats.map((what) => {
    const figures = of(result, what);
    const cells = contenders.map((who) => wideCell(figures, who));
    return [what, ...(hasGoals ? [goalCell(figures.find(isOurs), figures)] : []), ...cells];
  });
  const head = ["what", ...(hasGoals ? ["goal"] : []), ...contenders];
  return `${asTable(head, lines)}${missingText(result)}`;
}

function whatsOf({ figures }: Result): readonly string[] {
  return [...new Set(figures.map(({ what }) => what))];
}

function of({ figures }: Result, what: string): readonly Figure[] {
  return figures.filter((one) => one.what === what);
}

function isOurs({ who }: Figure): boolean {
  return who === "FetchML";
}

function linesOf(figures: readonly Figure[]): readonly (readonly string[])[] {
  const ours = figures.find(isOurs);
  return figures.map((figure) => [
    figure.what,
    figure.who,
    goalCell(figure, figures),
    middleText(figure),
    spreadText(figure),
    ours === undefined || ours === figure ? "" : ratioText(ours, figure),
    figure.note ?? "",
  ]);
}

function wideCell(figures: readonly Figure[], who: string): string {
  const figure = figures.find((one) => one.who === who);
  if (figure === undefined) return "";
  const ours = figures.find(isOurs);
  const hasRatio = ours !== undefined && ours !== figure && figure.unit !== "B";
  const ratios = hasRatio ? `<br>FetchML ${shown(ratio(ours, figure))} ×` : "";
  const spread = figure.runs.length > 1 ? `<br>${spreadText(figure)}` : "";
  return `${middleText(figure)}${spread}${ratios}`;
}

function goalCell(figure: Figure | undefined, all: readonly Figure[]): string {
  if (figure?.goal === undefined) return "";
  return `${goalText(figure.goal, figure.unit)}${isReached(figure, all) ? " ✓" : " ✗"}`;
}

function ratioText(ours: Figure, other: Figure): string {
  const times = `${shown(ratio(ours, other))} ×`;
  return other.who === "floor" ? `${times} the floor` : `${times} as good`;
}

function missingText({ missing }: Result): string {
  if (missing.length === 0) return "";
  return `\n${missing.map(({ who, reason }) => `- Missing: ${who}: ${reason}`).join("\n")}\n`;
}

/** Cells as a Markdown table; nothing where there is no line. */
export function asTable(head: readonly string[], lines: readonly (readonly string[])[]): string {
  if (lines.length === 0) return "";
  const rule = head.map(() => "---");
  return `${[head, rule, ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n")}\n`;
}
