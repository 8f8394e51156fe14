// Adds to what is wanted of some outputs what its links lead to: without that they would lead nowhere here.
import type { OutputEntry } from "@fetchml/protocol";

/**
 * The listed paths that `isWanted` fits, and all that their links lead to inside the outputs: a file, what is in a folder, and
 * the links on the way. A link to a folder that it lies in adds nothing; one that leads outside, nowhere or in circles, neither.
 * Folders that a link only passes through, as in `a/../b`, are none of it.
 */
export function withLinkTargets(
  entries: readonly OutputEntry[],
  isWanted: (path: string) => boolean,
): ReadonlySet<string> {
  const fitting = entries.filter(({ path }) => isWanted(path));
  const isDone = fitting.length === entries.length || !fitting.some(isLink);
  if (isDone) return new Set(fitting.map(({ path }) => path));
  const placed = placesOf(entries);
  const wanted = new Set(placed.flatMap(({ path, place }) => (isWanted(path) ? [place] : [])));
  const budget = { parts: MAX_PARTS };
  // What is added on the way is looked at in its turn.
  for (const place of wanted) {
    for (const inside of place.inside.values()) wanted.add(inside);
    if (place.target !== null) for (const one of follow(place, budget)) wanted.add(one);
  }
  return new Set(placed.flatMap(({ path, place }) => (wanted.has(place) ? [path] : [])));
}

function isLink({ kind }: OutputEntry): boolean {
  return kind === "symlink";
}

/** A file, a link or a folder among the outputs. */
interface Place {
  /** The folder that it lies in; `null` for the top. */
  readonly folder: Place | null;
  /** What is in it, by name. */
  readonly inside: Map<string, Place>;
  /** Where it leads; `null` for what is no link. */
  target: string | null;
}

/** The place of each entry, in their order. */
function placesOf(
  entries: readonly OutputEntry[],
): readonly { readonly path: string; readonly place: Place }[] {
  const top: Place = { folder: null, inside: new Map(), target: null };
  return entries.map((entry) => {
    let place = top;
    for (const name of entry.path.split("/")) {
      const next = place.inside.get(name) ?? { folder: place, inside: new Map(), target: null };
      place.inside.set(name, next);
      place = next;
    }
    if (entry.kind === "symlink") place.target = entry.target;
    return { path: entry.path, place };
  });
}

/** The links on the way of a link and the end of it, as the kernel goes; nothing when it does not end inside. */
function follow(link: Place, budget: { parts: number }): readonly Place[] {
  const way: Place[] = [];
  const ahead = partsOf(link, budget);
  let at = link.folder;
  for (let part = ahead.pop(); part !== undefined; part = ahead.pop()) {
    const next: Place | null | undefined = part === ".." ? at?.folder : at?.inside.get(part);
    if (next === undefined || next === null) return [];
    if (next.target === null) at = next;
    else if (way.push(next) > MAX_HOPS) return [];
    else ahead.push(...partsOf(next, budget));
  }
  return at === null || liesIn(link, at) ? way : [...way, at];
}

/** The parts of where a link leads, the last one first. */
function partsOf({ target }: Place, budget: { parts: number }): string[] {
  const leadsOn = target !== null && !target.startsWith("/") && target.length <= MAX_TARGET;
  const parts = leadsOn ? target.split("/") : NOWHERE;
  budget.parts -= parts.length;
  if (budget.parts < 0) return [...NOWHERE];
  return parts.filter((part) => part !== "" && part !== ".").toReversed();
}

// No name holds a slash.
const NOWHERE: readonly string[] = ["/"];

function liesIn(place: Place, folder: Place): boolean {
  for (let at = place.folder; at !== null; at = at.folder) if (at === folder) return true;
  return false;
}

// The kernel follows 40 links before it gives up, and no link is longer than 4096 bytes.
const MAX_HOPS = 40;
const MAX_TARGET = 4096;

/** For all links together: a list that was made to be slow takes less than a second. */
const MAX_PARTS = 10_000_000;
