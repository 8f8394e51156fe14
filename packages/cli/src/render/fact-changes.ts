// What changed between two jobs beside their code, for a person.
import type { FactChange } from "../diff/job-facts.ts";
import type { Palette } from "./palette.ts";
import { plainText } from "./plain-text.ts";

/** A paragraph for each, every line ended by a line feed. Lines stand in a little, so that none is taken for a patch. */
export function factChangesText(changes: readonly FactChange[], palette: Palette): string {
  return changes
    .map(({ name, before, after }) =>
      [
        palette.bold(plainText(name)),
        ...before.map((line) => palette.bad(`  - ${plainText(line)}`)),
        ...after.map((line) => palette.good(`  + ${plainText(line)}`)),
      ]
        .map((line) => `${line}\n`)
        .join(""),
    )
    .join("");
}
