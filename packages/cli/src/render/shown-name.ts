// Names of files that a job has chosen, as a terminal may show them.
import { visibleText } from "./visible-text.ts";

/** The name in one line with nothing in it that a terminal would obey: each such sign is written out. */
export function shownName(name: string): string {
  return visibleText(name).replaceAll("\t", "^I");
}
