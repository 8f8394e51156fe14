// What stands in the way of sending the names of a tree: links that lead out, names that fold together, keys in names.
import { posix } from "node:path";
import {
  createLinkCheck,
  findApiKeyId,
  findPathClash,
  NEW_TREE,
  redactApiKeys,
} from "@fetchml/protocol";
import { ignoreLineFor, obstacleAt, shownPath, type Obstacle } from "./refusal.ts";
import type { Found } from "./walk.ts";

/**
 * Every name or link that holds an API key, every link that leads out of the tree, and the first two names that a Mac or
 * Windows would take for one. Names are part of what is sent, and the server shows them to others who may see the job.
 */
export function checkFound(found: readonly Found[]): readonly Obstacle[] {
  const named = found.flatMap((entry) => findKeyInName(entry) ?? []);
  if (named.length > 0) return named;
  const links = new Map<string, string>();
  for (const entry of found) if (entry.kind === "symlink") links.set(entry.path, entry.target);
  const problemOf = createLinkCheck(links, NEW_TREE);
  const obstacles: Obstacle[] = [];
  for (const [path, target] of links) {
    const problem = problemOf(path, target);
    if (problem !== null) obstacles.push({ ...obstacleAt(path, problem), ...mountHint(target) });
  }
  const clash = findPathClash(found.map(({ path }) => path));
  if (clash !== null) {
    const [first, second] = clash;
    const why = `and ${JSON.stringify(first)} have the same name on a Mac and on Windows`;
    obstacles.push(obstacleAt(second, why));
  }
  return obstacles;
}

/** An obstacle where a name or a link's target holds an API key, which it does not show. */
export function findKeyInName(entry: Found): Obstacle | null {
  const { path } = entry;
  const text = entry.kind === "symlink" ? `${path}\n${entry.target}` : path;
  const id = findApiKeyId(text);
  if (id === undefined) return null;
  const why = `holds the FetchML API key with the id ${id} in its name`;
  // Neither the path nor the line may show the key.
  const shown = redactApiKeys(path);
  const ignoreLine = ignoreLineFor(shown).replaceAll("…\\[hidden]", "*");
  return { ...obstacleAt(shown, why), ignoreLine };
}

/** Of a link to where data may lie on the box too. */
function mountHint(target: string): { readonly hint?: string } {
  if (!target.startsWith("/") || PROGRAMS.test(target)) return {};
  const data = target.replace(/\/+$/, "");
  const folder = posix.dirname(data);
  const mount = shownPath(folder === "/" ? data : folder);
  return {
    hint: `Data that lies on the box is had with mounts = ["${mount}"] in ml.toml or --mount ${mount}.`,
  };
}

/** Where a system keeps its own files. */
const PROGRAMS = /^\/+(?:(?:bin|dev|etc|lib\w*|proc|run|sbin|sys|usr)(?:\/|$)|$)/;
