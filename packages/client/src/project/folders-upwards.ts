// Which folders above a folder may have a say in what a project is.
import { realpathSync, statSync } from "node:fs";
import { dirname, sep } from "node:path";

/**
 * The folder and those above it, nearest first. Stops before the home folder and what lies above it, before `/`, before
 * another mount and before a folder of somebody else, so that a file planted there is not found.
 *
 * @param start absolute and free of links; it is taken whoever owns it
 */
export function foldersUpwards(
  start: string,
  { home }: { readonly home: string },
): readonly string[] {
  const folders = [start];
  const { dev } = statSync(start);
  const me = process.getuid?.();
  for (let folder = dirname(start); ; folder = dirname(folder)) {
    if (whyNeverAProject(folder, { home }) !== null) return folders;
    const stat = statSync(folder);
    if (stat.dev !== dev || (me !== undefined && stat.uid !== me)) return folders;
    folders.push(folder);
  }
}

/** Why no project may have this folder as its root, as the middle of a sentence; `null` when one may. */
export function whyNeverAProject(
  folder: string,
  { home }: { readonly home: string },
): string | null {
  if (folder === dirname(folder)) return "it is the root of the file system";
  const realHome = realPathOr(home);
  if (folder === realHome) return "it is your home folder";
  return realHome.startsWith(folder + sep) ? "your home folder lies in it" : null;
}

// A home that does not exist, as service accounts have it, is compared as it is written.
function realPathOr(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
