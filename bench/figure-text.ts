// How figures, goals and ratios read.
import type { Figure, Goal } from "./row.ts";
import { median } from "./statistics.ts";

/** A number as a person reads it: three digits that count, or all before the point. */
export function shown(value: number): string {
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString("en");
  return String(Number(value.toPrecision(3)));
}

/** The middle with its unit. */
export function middleText({ runs, unit }: Figure): string {
  return `${shown(median(runs))} ${unit}`.trimEnd();
}

/** The lowest and the highest repetition. */
export function spreadText({ runs }: Figure): string {
  return `${shown(Math.min(...runs))} – ${shown(Math.max(...runs))}`;
}

/** A goal with the unit it is in, or with what it is so many times of. */
export function goalText({ atMost, atLeast, timesOf }: Goal, unit: string): string {
  const bound = atMost === undefined ? `≥ ${shown(atLeast ?? 0)}` : `≤ ${shown(atMost)}`;
  return timesOf === undefined ? `${bound} ${unit}` : `${bound} × ${timesOf}`;
}

/**
 * Whether the middle of a figure meets its goal; `false` where it has none, or where that is a multiple of somebody who was not measured.
 *
 * @param all figures among which that contender is.
 */
export function isReached({ goal, what, runs }: Figure, all: readonly Figure[]): boolean {
  if (goal === undefined) return false;
  const { atMost, atLeast, timesOf } = goal;
  const other = all.find((each) => each.who === timesOf && each.what === what);
  const scale = timesOf === undefined ? 1 : median(other?.runs ?? []);
  const value = median(runs);
  return value <= (atMost ?? Infinity) * scale && value >= (atLeast ?? -Infinity) * scale;
}

/** How many times as good FetchML is as another: above one it is better, whichever way the unit goes. */
export function ratio(ours: Figure, other: Figure): number {
  const isRate = ours.unit.endsWith("/s");
  const [a, b] = [median(ours.runs), median(other.runs)];
  return isRate ? a / b : b / a;
}
