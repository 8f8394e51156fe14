// Finds files of a job that would be one and the same file on this machine.
import { lstatSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/**
 * The places in a list of paths at which one stands that would overwrite an earlier one, each with that one. Paths are compared
 * as the disk does it, which is asked only where it matters.
 *
 * @param isFolding whether the disk takes names for the same that differ in case, or in how an accent is composed
 */
export function findClashes(
  localPaths: readonly string[],
  isFolding: () => boolean,
): ReadonlyMap<number, string> {
  const firsts = new Map<string, string>();
  const seen = new Set<string>();
  const clashes = new Map<number, string>();
  let folding: boolean | null = null;
  for (const [place, path] of localPaths.entries()) {
    const folded = path.normalize("NFC").toLowerCase();
    const first = firsts.get(folded);
    if (first === undefined) firsts.set(folded, path);
    else if (seen.has(path)) clashes.set(place, path);
    else if ((folding ??= isFolding())) clashes.set(place, first);
    seen.add(path);
  }
  return clashes;
}

/** Tries it out. @param spare a path at which there is nothing */
export function foldsNames(spare: string): boolean {
  const folder = dirname(spare);
  // Composed, and in lower case.
  const name = `${basename(spare)}-\u00e9`;
  writeFileSync(join(folder, name), "", { flag: "wx" });
  try {
    const others = [name.toUpperCase(), name.normalize("NFD")];
    return others.some((other) => isThere(join(folder, other)));
  } finally {
    rmSync(join(folder, name), { force: true });
  }
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
