// Finds, in a list of paths, what Git would take for a repository without a work tree.
import { IGNORED_ON_MAC } from "@fetchml/protocol";

/**
 * The paths among these that would make their folder a bare repository: each is a `HEAD` beside `objects` and `refs`, or beside
 * a `commondir` that names where those are. In such a folder, and in all below it, Git runs commands that a `config` names as soon as anybody types
 * `git status`. Without the `HEAD` it is none, see `is_git_directory` in Git's setup.c.
 *
 * Whether there is a `config` does not count: it may come later.
 *
 * @param paths of files and links, with `/` between parts
 * @param platform as Node names it: where names may be folded, those count as equal that any file system takes for equal
 */
export function bareRepositoryHeads(
  paths: readonly string[],
  platform: string,
): ReadonlySet<string> {
  const folded = spellingOn(platform);
  const headsIn = new Map<string, string[]>();
  for (const path of paths) {
    const end = path.lastIndexOf("/") + 1;
    if (folded(path.slice(end)) !== folded("HEAD")) continue;
    const folder = folded(path.slice(0, end));
    const heads = headsIn.get(folder);
    if (heads === undefined) headsIn.set(folder, [path]);
    else heads.push(path);
  }
  const heads = new Set<string>();
  if (headsIn.size === 0) return heads;
  const names = new Set(paths.flatMap((path) => pathAndFolders(folded(path))));
  for (const [folder, found] of headsIn) {
    const has = (name: string): boolean => names.has(folder + name);
    if ((has("objects") && has("refs")) || has("commondir")) {
      for (const path of found) heads.add(path);
    }
  }
  return heads;
}

/** What is wrong with such a path, as the end of a sentence that begins with it. */
export const BARE_REPOSITORY =
  "would have Git take its folder for a repository and run commands from there";

/** Gives a path in one spelling for all that file systems take for the same there; on Linux hardly one does. */
export function spellingOn(platform: string): (path: string) => string {
  if (platform !== "darwin" && platform !== "win32") return (path) => path;
  // By way of upper case, in which more letters are the same: Macs take the old long s for an s.
  return (path) => path.replace(IGNORED_ON_MAC, "").toUpperCase().toLowerCase();
}

function pathAndFolders(path: string): readonly string[] {
  const found = [path];
  for (let end = path.lastIndexOf("/"); end !== -1; end = path.lastIndexOf("/", end - 1)) {
    found.push(path.slice(0, end));
    if (end === 0) break;
  }
  return found;
}
