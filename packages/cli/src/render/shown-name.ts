// Names of files that a job has chosen, as a terminal may show them.
import { visibleText } from "./visible-text.ts";

/** The name in one line with nothing in it that a terminal would obey: each such sign is written out. */
export function shownName(name: string): string {
  return visibleText(name).replaceAll("\t", "^I");
}

/** As {@link shownName}, of at most so many signs: of a longer one the middle is left out. */
export function shortName(name: string, most: number): string {
  const signs = Array.from(shownName(name));
  if (signs.length <= most) return signs.join("");
  const kept = Math.floor((most - 1) / 2);
  return `${signs.slice(0, kept).join("")}…${signs.slice(-kept).join("")}`;
}
