// The file that a path means, where the path may be a link.
import { realpathSync } from "node:fs";

/** What a link leads to in the end; the path itself where there is no such file yet. */
export function linkTarget(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
