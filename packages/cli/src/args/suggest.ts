// Finds the words that somebody may have meant.

/** At most three of `words` that are few keystrokes away from `typed`, the nearest first. */
export function nearWords(typed: string, words: Iterable<string>): readonly string[] {
  const near: { readonly word: string; readonly distance: number }[] = [];
  const from = typed.toLowerCase();
  if (from.length > LONGEST_WORD) return [];
  for (const word of words) {
    const to = word.toLowerCase();
    const limit = Math.min(3, Math.floor(Math.max(from.length, to.length) / 3));
    if (Math.abs(from.length - to.length) > limit) {
      // A word broken off after three letters or more is meant as often as a mistyped one.
      if (from.length >= 3 && to.startsWith(from)) near.push({ word, distance: limit + 1 });
      continue;
    }
    const distance = editDistance(from, to);
    if (distance <= limit) near.push({ word, distance });
  }
  return near
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ word }) => word);
}

/** ` Did you mean "a" or "b"?` with a space before it; nothing where there is nothing near. */
export function didYouMean(near: readonly string[]): string {
  if (near.length === 0) return "";
  return ` Did you mean ${near.map((word) => JSON.stringify(word)).join(" or ")}?`;
}

/**
 * Insertions, deletions, replacements and swaps of neighbours that lead from one word to the other, no place touched
 * twice (optimal string alignment).
 */
export function editDistance(from: string, to: string): number {
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      let best = Math.min(
        cell(last, column) + 1,
        cell(current, column - 1) + 1,
        cell(last, column - 1) + (same ? 0 : 1),
      );
      if (from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]) {
        best = Math.min(best, cell(beforeLast, column - 2) + 1);
      }
      current.push(best);
    }
    beforeLast = last;
    last = current;
  }
  return cell(last, to.length);
}

// Nobody mistypes a word this long, and the distance takes quadratic time.
const LONGEST_WORD = 80;

function cell(row: readonly number[], column: number): number {
  return row[column] ?? Infinity;
}
