// Which outputs were asked for by their very name.
import type { PulledItem } from "@fetchml/client/pull";

/** Whether one was that is not given: left out, or taken away by the job meanwhile. What stands in a folder that was named is not. */
export function lacksAskedFor(globs: readonly string[], items: readonly PulledItem[]): boolean {
  const asked = new Set(globs.map((glob) => glob.replace(/^(?:\.?\/+)+/, "").replace(/\/+$/, "")));
  return items.some(({ outcome, path }) => {
    if (outcome !== "left-out" && outcome !== "gone") return false;
    return asked.has(path) || asked.has(path.slice(path.lastIndexOf("/") + 1));
  });
}
