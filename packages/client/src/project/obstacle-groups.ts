// Gathers what cannot be sent into as few lines of an ignore file as leave out nothing else.
import { existsSync } from "node:fs";
import { createRebuiltLookup, foldersOf, rebuiltAdvice } from "./rebuilt-folders.ts";
import { ignoreLineFor, type Obstacle } from "./refusal.ts";

/** Obstacles that one line leaves out. */
export interface ObstacleGroup extends Obstacle {
  /** Whether it is made anew on the box. */
  readonly isRebuilt: boolean;
}

/**
 * A group for each virtual environment and the like, for each folder that holds more than five obstacles and nothing that
 * is sent, and for each other obstacle; in the order of the first obstacle of each.
 *
 * @param from.root absolute path
 * @param from.sent what is sent; `null`: folders are not gathered for that reason
 */
export function groupObstacles(
  obstacles: readonly Obstacle[],
  {
    root,
    sent,
  }: { readonly root: string; readonly sent: readonly { readonly path: string }[] | null },
): readonly ObstacleGroup[] {
  const rebuiltAt = createRebuiltLookup(root);
  const unsent = sent === null ? new Set<string>() : unsentFolders(obstacles, sent);
  const groups = new Map<string, Obstacle[]>();
  const advice = new Map<string, string>();
  for (const obstacle of obstacles) {
    const { path } = obstacle;
    const rebuilt = rebuiltAt(path);
    const folder = rebuilt?.path ?? foldersOf(path).find((one) => unsent.has(one));
    // A folder of which the name cannot be shown as it is has no line.
    const key = folder !== undefined && existsSync(`${root}/${folder}`) ? folder : path;
    groups.set(key, [...(groups.get(key) ?? []), obstacle]);
    const told = rebuilt?.advice ?? rebuiltAdvice(`${root}/${path}`);
    if (told !== null) advice.set(key, told);
  }
  return [...groups].map(([key, members]) => groupOf(key, members, advice.get(key) ?? null));
}

function groupOf(path: string, members: readonly Obstacle[], advice: string | null): ObstacleGroup {
  const [first] = members;
  const hint = advice ?? members.find((one) => one.hint !== undefined)?.hint;
  const more = { isRebuilt: advice !== null, ...(hint !== undefined && { hint }) };
  if (first !== undefined && first.path === path) return { ...first, ...more };
  const what = members.length === 1 ? "a path" : `${members.length} paths`;
  const why = `holds ${what} that cannot be sent`;
  return { path, why, ignoreLine: ignoreLineFor(path), ...more };
}

/** Folders that hold more than {@link MOST_ALONE} obstacles and nothing that is sent. */
function unsentFolders(
  obstacles: readonly Obstacle[],
  sent: readonly { readonly path: string }[],
): ReadonlySet<string> {
  const counts = new Map<string, number>();
  for (const { path } of obstacles) {
    for (const folder of foldersOf(path)) counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  const folders = new Set([...counts].flatMap(([folder, n]) => (n > MOST_ALONE ? [folder] : [])));
  const refused = new Set(obstacles.map(({ path }) => path));
  for (const { path } of folders.size === 0 ? [] : sent) {
    if (!refused.has(path)) for (const folder of foldersOf(path)) folders.delete(folder);
  }
  return folders;
}

const MOST_ALONE = 5;
