// Finds where a pattern leads that goes through a link among the outputs.
import type { OutputEntry } from "@fetchml/protocol";
import { globsWithoutMatch } from "./pull-globs.ts";

/**
 * The pattern with its links replaced by where they lead, `real/*.pt` for `latest/*.pt`. `null` where it goes through no link, and
 * where nothing in the list fits what it leads to. A link in its last part is what it means itself.
 */
export function globBehindLink(glob: string, entries: readonly OutputEntry[]): string | null {
  const links = new Map<string, string>();
  for (const entry of entries) if (entry.kind === "symlink") links.set(entry.path, entry.target);
  const real = resolved(glob, links);
  if (real === null) return null;
  const paths = entries.map(({ path }) => path);
  return globsWithoutMatch([real], paths).length === 0 ? real : null;
}

function resolved(glob: string, links: ReadonlyMap<string, string>): string | null {
  let parts = namesIn(glob);
  for (let hops = 0; hops <= MAX_HOPS; hops++) {
    const places = parts.map((_, place) => parts.slice(0, place + 1).join("/"));
    const at = places.findIndex((path, place) => place < parts.length - 1 && links.has(path));
    if (at === -1) return hops === 0 ? null : parts.join("/");
    const target = links.get(places[at] ?? "") ?? "/";
    if (target.startsWith("/") || target.length > MAX_TARGET) return null;
    const way = parts.slice(0, at);
    for (const name of namesIn(target)) {
      if (name !== "..") way.push(name);
      else if (way.pop() === undefined) return null;
    }
    parts = [...way, ...parts.slice(at + 1)];
  }
  return null;
}

function namesIn(path: string): string[] {
  return path.split("/").filter((name) => name !== "" && name !== ".");
}

// As the kernel has it.
const MAX_HOPS = 40;
const MAX_TARGET = 4096;
