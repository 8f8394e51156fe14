// Compares two texts line by line.
import { keptLines, type Pair } from "./kept-lines.ts";

/** One line of a hunk. */
export interface HunkLine {
  readonly kind: "same" | "removed" | "added";
  /** Without its line feed. */
  readonly text: string;
  /** Whether the text ends here without a line feed. */
  readonly isUnended: boolean;
}

/** A stretch of changed lines with those around them. */
export interface Hunk {
  /** Where it begins and how many lines it has; lines count from 1. */
  readonly before: { readonly start: number; readonly count: number };
  readonly after: { readonly start: number; readonly count: number };
  readonly lines: readonly HunkLine[];
}

/** How many unchanged lines stand around changed ones. */
const CONTEXT = 3;

/**
 * The hunks that make one text of the other, in order; none when they are equal. Of texts that have hardly a line in common
 * where they differ, one hunk replaces it all.
 */
export function lineHunks(before: string, after: string): readonly Hunk[] {
  const old = linesOf(before);
  const young = linesOf(after);
  const steps = stepsBetween(old, young);
  const hunks: Hunk[] = [];
  for (const [from, to] of stretches(steps)) hunks.push(hunkOf(steps.slice(from, to)));
  return hunks;
}

/** A line of either text, or of both, with the numbers of the lines before it. */
interface Step extends HunkLine {
  readonly old: number;
  readonly young: number;
}

function linesOf(text: string): readonly string[] {
  const lines = text.split("\n").map((line) => `${line}\n`);
  // What follows the last line feed has none.
  const last = lines.pop()?.slice(0, -1) ?? "";
  return last === "" ? lines : [...lines, last];
}

/** Both texts as one list: what is only in one of them, and what is in both, each once. */
function stepsBetween(old: readonly string[], young: readonly string[]): readonly Step[] {
  const steps: Step[] = [];
  const end: Pair = [old.length, young.length];
  let i = 0;
  let j = 0;
  for (const [oldEnd, youngEnd] of [...keptLines(old, young), end]) {
    for (; i < oldEnd; i++) steps.push(stepOf("removed", old[i], { old: i, young: j }));
    for (; j < youngEnd; j++) steps.push(stepOf("added", young[j], { old: i, young: j }));
    if (i === old.length) continue;
    steps.push(stepOf("same", old[i], { old: i, young: j }));
    i += 1;
    j += 1;
  }
  return steps;
}

function stepOf(
  kind: HunkLine["kind"],
  line: string | undefined,
  place: { readonly old: number; readonly young: number },
): Step {
  const whole = line ?? "";
  const isUnended = !whole.endsWith("\n");
  return { kind, text: isUnended ? whole : whole.slice(0, -1), isUnended, ...place };
}

/** Which steps belong to one hunk: changed ones with their context, joined where contexts touch. */
function stretches(steps: readonly Step[]): readonly Pair[] {
  const found: [number, number][] = [];
  for (const [place, { kind }] of steps.entries()) {
    if (kind === "same") continue;
    const last = found.at(-1);
    if (last !== undefined && place - CONTEXT <= last[1]) last[1] = place + 1 + CONTEXT;
    else found.push([Math.max(0, place - CONTEXT), place + 1 + CONTEXT]);
  }
  return found.map(([from, to]): Pair => [from, Math.min(to, steps.length)]);
}

function hunkOf(steps: readonly Step[]): Hunk {
  const [first] = steps;
  const oldCount = steps.filter(({ kind }) => kind !== "added").length;
  const youngCount = steps.filter(({ kind }) => kind !== "removed").length;
  return {
    before: range(first?.old ?? 0, oldCount),
    after: range(first?.young ?? 0, youngCount),
    lines: steps,
  };
}

/** A range without lines is named by the line before it, as every patch has it. */
function range(linesBefore: number, count: number): Hunk["before"] {
  return { start: count === 0 ? linesBefore : linesBefore + 1, count };
}
