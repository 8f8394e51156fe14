// What stands in the way of sending the names of a tree: links that lead out, names that fold together, keys in names.
import {
  API_KEY_PREFIX,
  createLinkCheck,
  findApiKeyId,
  findPathClash,
  redactApiKeys,
} from "@fetchml/protocol";
import { ignoreLineFor, obstacleAt, type Obstacle } from "./refusal.ts";
import type { Found } from "./walk.ts";

/**
 * Every name or link that holds an API key, every link that leads out of the tree, and the first two names that a Mac or
 * Windows would take for one. Names are part of what is sent, and the server shows them to others who may see the job.
 */
export function checkFound(found: readonly Found[]): readonly Obstacle[] {
  const named = found.flatMap(keyInName);
  if (named.length > 0) return named;
  const links = new Map<string, string>();
  for (const entry of found) if (entry.kind === "symlink") links.set(entry.path, entry.target);
  const problemOf = createLinkCheck(links);
  const obstacles: Obstacle[] = [];
  for (const [path, target] of links) {
    const problem = problemOf(path, target);
    if (problem !== null) obstacles.push(obstacleAt(path, problem));
  }
  const clash = findPathClash(found.map(({ path }) => path));
  if (clash !== null) {
    const [first, second] = clash;
    const why = `and ${JSON.stringify(first)} have the same name on a Mac and on Windows`;
    obstacles.push(obstacleAt(second, why));
  }
  return obstacles;
}

function keyInName(entry: Found): readonly Obstacle[] {
  const { path } = entry;
  const text = entry.kind === "symlink" ? `${path}\n${entry.target}` : path;
  const id = text.includes(API_KEY_PREFIX) ? findApiKeyId(text) : undefined;
  if (id === undefined) return [];
  const why = `holds the FetchML API key with the id ${id} in its name`;
  // Neither the path nor the line may show the key.
  const shown = redactApiKeys(path);
  const ignoreLine = ignoreLineFor(shown).replaceAll("…\\[hidden]", "*");
  return [{ ...obstacleAt(shown, why), ignoreLine }];
}
