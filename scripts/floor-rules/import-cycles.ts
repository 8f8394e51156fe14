// Finds import cycles between files: type imports count, for a cycle of types is a cycle of thoughts.

import type { Complaint } from "../complaint.ts";
import type { SourceFile } from "./source-file.ts";

/** One complaint for each knot of files that import each other, with a shortest round trip through it. */
export function findCycles(files: readonly SourceFile[]): readonly Complaint[] {
  const targets = new Map(files.map((file) => [file.path, localTargets(file)]));
  const reported = new Set<string>();
  const complaints: Complaint[] = [];
  for (const path of [...targets.keys()].toSorted()) {
    const cycle = reported.has(path) ? undefined : roundTrip(path, targets);
    if (cycle === undefined) continue;
    for (const member of cycle) reported.add(member);
    complaints.push({
      path,
      rule: "import-cycle",
      problem: [...cycle, path].join(" → "),
      remedy: "Move what both need into a file of its own",
    });
  }
  return complaints;
}

function localTargets({ imports }: SourceFile): readonly string[] {
  return imports.flatMap(({ target }) => target ?? []);
}

/** The shortest way from `start` back to itself, found breadth first; undefined when there is none. */
function roundTrip(
  start: string,
  targets: ReadonlyMap<string, readonly string[]>,
): readonly string[] | undefined {
  const cameFrom = new Map<string, string>();
  const waiting = [start];
  for (const path of waiting) {
    for (const next of targets.get(path) ?? []) {
      if (next === start) return wayTo(path, cameFrom);
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, path);
      waiting.push(next);
    }
  }
  return undefined;
}

function wayTo(end: string, cameFrom: ReadonlyMap<string, string>): readonly string[] {
  const way = [end];
  for (let step = cameFrom.get(end); step !== undefined; step = cameFrom.get(step))
    way.unshift(step);
  return way;
}
