// Reads what is written about goals that are not reached: bench/not-reached.md, a part for each goal.
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What each part says, in this order. */
export const QUESTIONS = ["Tried", "Profile", "Floor", "Next"] as const;

/** The text of each part by its heading, which is the row's name, a colon and the measurement. */
export function readNotReached(
  path: string = join(import.meta.dir, "not-reached.md"),
): ReadonlyMap<string, string> {
  const parts = readFileSync(path, "utf8").split(/^## /m).slice(1);
  return new Map(
    parts.map((part) => {
      const [heading = "", ...lines] = part.split("\n");
      return [heading.trim(), lines.join("\n").trim()];
    }),
  );
}
