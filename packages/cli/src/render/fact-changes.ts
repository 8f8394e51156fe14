// What changed between two jobs beside their code, for a person.
import type { FactChange } from "../diff/job-facts.ts";
import type { Palette } from "./palette.ts";
import { shownName } from "./shown-name.ts";

/**
 * A paragraph for each, every line ended by a line feed. Lines stand in a little, so that none is taken for a patch. Control
 * characters are written out, so that what differs in them alone does not read alike.
 */
export function factChangesText(changes: readonly FactChange[], palette: Palette): string {
  return changes
    .map(({ name, before, after }) =>
      [
        palette.bold(shownName(name)),
        ...before.map((line) => palette.bad(`  - ${shownName(line)}`)),
        ...after.map((line) => palette.good(`  + ${shownName(line)}`)),
      ]
        .map((line) => `${line}\n`)
        .join(""),
    )
    .join("");
}
