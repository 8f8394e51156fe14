// Keeps a pull from making, out of what a job has left, a folder that Git takes for a repository.
import { BARE_REPOSITORY, bareRepositoryHeads, spellingOn } from "../code/git-layout.ts";

/**
 * Tells what is wrong with a path in a tree of outputs, as the end of a sentence that begins with it; `null` when nothing is. Of
 * what would be a repository its `HEAD` is left out, without which it is none. Where that is here already, from an earlier
 * pull or from elsewhere, all else is that Git looks for beside it.
 *
 * @param paths all there are in the tree, wanted or not: the rest may be pulled another time
 * @param here whether there is something on this machine at such a path, only asked about what Git looks for; and which machine
 */
export function gitFolderCheck(
  paths: readonly string[],
  { isHere, platform }: { readonly isHere: (path: string) => boolean; readonly platform: string },
): (path: string) => string | null {
  const folded = spellingOn(platform);
  const lookedFor = new Set(LOOKED_FOR.map(folded));
  const foldersOf = (path: string): readonly string[] =>
    foldersWith(path, (name) => lookedFor.has(folded(name)));
  const folders = new Set(paths.flatMap(foldersOf));
  const here = [...folders].flatMap((folder) =>
    MAKE_A_REPOSITORY.map((name) => folder + name).filter(isHere),
  );
  const heads = bareRepositoryHeads([...paths, ...here], platform);
  const closed = new Set(
    here
      .filter((path) => heads.has(path))
      .map((path) => folded(path.slice(0, path.lastIndexOf("/") + 1))),
  );
  const isClosed = (folder: string): boolean => closed.has(folded(folder));
  return (path) =>
    heads.has(path) || (closed.size > 0 && foldersOf(path).some(isClosed))
      ? `${BARE_REPOSITORY}; --allow-git pulls it`
      : null;
}

/** See `is_git_directory` in Git's setup.c. */
const MAKE_A_REPOSITORY: readonly string[] = ["HEAD", "objects", "refs", "commondir"];

const LOOKED_FOR: readonly string[] = [...MAKE_A_REPOSITORY, "config", "config.worktree", "hooks"];

/** The folders on the way to a path in which it has such a name; each is empty or ends in a slash. */
function foldersWith(path: string, isSuch: (name: string) => boolean): readonly string[] {
  const found: string[] = [];
  for (let start = 0; ;) {
    const end = path.indexOf("/", start);
    const name = end === -1 ? path.slice(start) : path.slice(start, end);
    if (isSuch(name)) found.push(path.slice(0, start));
    if (end === -1) return found;
    start = end + 1;
  }
}
