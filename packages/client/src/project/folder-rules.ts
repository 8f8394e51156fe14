// The ignore rules that hold in one folder, and what becomes of a name in it.
import { parseIgnoreRules } from "./ignore-rules.ts";
import { scopedVerdict, type IgnoreScope } from "./ignore-scope.ts";

/** The rules of a folder, those asked first in front. */
export interface FolderRules {
  readonly git: readonly IgnoreScope[];
  readonly ml: readonly IgnoreScope[];
  /** Whether Git ignores the folder, so that only what it tracks in there counts. */
  readonly onlyTracked: boolean;
  /** Whether names match whatever their case. */
  readonly ignoreCase: boolean;
}

/** Files and nested work trees, and the folders on the way to them; paths from the root. */
export interface FilesAndFolders {
  readonly files: ReadonlySet<string>;
  readonly folders: ReadonlySet<string>;
}

/** What becomes of a name: `only-tracked` is a folder in which only what Git tracks counts. */
export type Fate = "in" | "out" | "only-tracked";

/** A name that is asked about. */
export interface Asked {
  /** Path from the root. */
  readonly path: string;
  /** The same as a byte string, and its last part alone. */
  readonly pathBytes: string;
  readonly nameBytes: string;
  readonly isFolder: boolean;
}

/** The files and folders of a list of paths. */
export function filesAndFolders(paths: readonly string[]): FilesAndFolders {
  const folders = new Set<string>();
  for (const path of paths) {
    for (let end = path.indexOf("/"); end !== -1; end = path.indexOf("/", end + 1)) {
      folders.add(path.slice(0, end));
    }
  }
  return { files: new Set(paths), folders };
}

/** The rules of the folder around, and before them those of the folder's own ignore files, given as byte strings. */
export function withOwnRules(
  outer: FolderRules,
  own: {
    readonly gitignore: string | null;
    readonly mlignore: string | null;
    /** Length of the folder's path from the root, as a byte string with the slash behind it. */
    readonly skip: number;
  },
): FolderRules {
  const scope = (text: string | null): readonly IgnoreScope[] => {
    if (text === null) return [];
    const rules = parseIgnoreRules(text, outer);
    return [{ rules, prefix: "", skip: own.skip }];
  };
  return {
    ...outer,
    git: [...scope(own.gitignore), ...outer.git],
    ml: [...scope(own.mlignore), ...outer.ml],
  };
}

/**
 * FetchML's own rules first, since they may take back with `!` what Git ignores; then Git's, unless it tracks the file.
 *
 * @param tracked what Git tracks although its rules name it
 */
export function fateOf(asked: Asked, rules: FolderRules, tracked: FilesAndFolders): Fate {
  const { path, isFolder } = asked;
  const candidate = { name: asked.nameBytes, path: asked.pathBytes, isFolder };
  const own = scopedVerdict(rules.ml, candidate);
  if (own !== null) return own ? "out" : "in";
  if (!rules.onlyTracked && scopedVerdict(rules.git, candidate) !== true) return "in";
  const isTracked = tracked.files.has(path);
  if (isFolder) return isTracked || tracked.folders.has(path) ? "only-tracked" : "out";
  return isTracked ? "in" : "out";
}
