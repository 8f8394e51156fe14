// Finds the lines that stay when one text becomes another.
import { diffArrays } from "diff";

/**
 * The lines that stay, as pairs of their numbers from 0, in order. A line that is in one text alone is left out before the
 * comparison: it cannot stay, and without it 10,000 changed lines among 100,000 take 0.2 s instead of 50.
 */
export function keptLines(old: readonly string[], young: readonly string[]): readonly Pair[] {
  let start = 0;
  while (start < old.length && start < young.length && old[start] === young[start]) start += 1;
  let [oldEnd, youngEnd] = [old.length, young.length];
  while (oldEnd > start && youngEnd > start && old[oldEnd - 1] === young[youngEnd - 1]) {
    oldEnd -= 1;
    youngEnd -= 1;
  }
  const inOld = new Set(old.slice(start, oldEnd));
  const inYoung = new Set(young.slice(start, youngEnd));
  const keptOld = numbers(start, oldEnd).filter((number) => inYoung.has(old[number] ?? ""));
  const keptYoung = numbers(start, youngEnd).filter((number) => inOld.has(young[number] ?? ""));
  return [
    ...numbers(0, start).map((number): Pair => [number, number]),
    ...longestCommon(
      keptOld.map((number) => ({ number, line: old[number] ?? "" })),
      keptYoung.map((number) => ({ number, line: young[number] ?? "" })),
    ),
    ...numbers(oldEnd, old.length).map((number): Pair => [number, number - oldEnd + youngEnd]),
  ];
}

/** A line by its number in each text. */
export type Pair = readonly [old: number, young: number];

interface KeptLine {
  readonly number: number;
  readonly line: string;
}

/** With more changes than these, which takes a second to find out, nothing counts as staying. */
const MOST_EDITS = 2000;

function longestCommon(old: readonly KeptLine[], young: readonly KeptLine[]): readonly Pair[] {
  const changes = diffArrays([...old], [...young], {
    comparator: (a, b) => a.line === b.line,
    maxEditLength: MOST_EDITS,
  });
  const pairs: Pair[] = [];
  let [i, j] = [0, 0];
  for (const { count, added, removed } of changes ?? []) {
    for (let step = 0; step < count; step++) {
      const [a, b] = [old[i], young[j]];
      if (!added && !removed && a !== undefined && b !== undefined)
        pairs.push([a.number, b.number]);
      if (!added) i += 1;
      if (!removed) j += 1;
    }
  }
  return pairs;
}

function numbers(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}
