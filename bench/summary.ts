// The goals in short: one line for each, with what was measured, the floor and the peer that comes nearest or is best.
import { goalText, isReached, middleText, ratio, shown, spreadText } from "./figure-text.ts";
import type { Result } from "./result.ts";
import type { Figure, Row } from "./row.ts";
import { asTable } from "./table.ts";

/** The goals of all rows as a Markdown table. */
export function summaryOf(rows: readonly Row[], results: ReadonlyMap<string, Result>): string {
  const head = ["goal", "bound", "measured", "reached", "floor", "best peer"];
  const lines = rows.flatMap((row) => {
    const result = results.get(row.name);
    return (result?.figures ?? [])
      .filter(({ goal }) => goal !== undefined)
      .map((figure) => lineOf(row, figure, result?.figures ?? []));
  });
  return asTable(head, lines);
}

/** The goals of a result that its figures do not meet. */
export function notReachedIn({ figures }: Result): readonly Figure[] {
  return figures.filter((figure) => figure.goal !== undefined && !isReached(figure, figures));
}

function lineOf(row: Row, figure: Figure, all: readonly Figure[]): readonly string[] {
  const { what, unit, goal = {} } = figure;
  const candidates = [what, ...(figure.beside ?? [])].map((name) =>
    all.filter((one) => one.what === name && one.who !== "FetchML" && one.unit === unit),
  );
  const floor = candidates.flat().find(isFloor);
  const peers = candidates.find((some) => some.some((one) => !isFloor(one))) ?? [];
  // A goal that is a multiple of somebody names the nearest peer itself.
  const bound = peers.filter(({ who }) => goal.timesOf === undefined || who === goal.timesOf);
  const [best] = bound
    .filter((one) => !isFloor(one))
    .toSorted((a, b) => ratio(figure, a) - ratio(figure, b));
  return [
    `[${row.title}](#${anchorOf(row.title)}): ${what}`,
    goalText(goal, unit),
    `**${middleText(figure)}** (${spreadText(figure)})`,
    isReached(figure, all) ? "yes" : "**no**",
    floor === undefined ? "" : besideText(floor, figure),
    best === undefined ? "none" : `${best.who}: ${besideText(best, figure)}`,
  ];
}

function isFloor({ who }: Figure): boolean {
  return who === "floor";
}

/** Its figure and what FetchML is beside it; what it measures and how, where that is not the same. */
function besideText(other: Figure, ours: Figure): string {
  const words = other.what === ours.what ? "" : `, ${other.what}`;
  const note = other.note === undefined ? "" : `; ${other.note}`;
  return `${middleText(other)}${words} (FetchML ${shown(ratio(ours, other))} ×)${note}`;
}

/** Where GitHub puts a heading. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(" ", "-");
}
