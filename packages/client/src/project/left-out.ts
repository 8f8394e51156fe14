// Whether FetchML's own rules leave out a path, also one where nothing stands any more.
import { toByteString } from "./byte-string.ts";
import { withOwnRules, type FolderRules } from "./folder-rules.ts";
import { parseIgnoreRules } from "./ignore-rules.ts";
import { scopedVerdict } from "./ignore-scope.ts";
import { readIgnoreFile } from "./standing-ignores.ts";

/** Where to look for rules. */
export interface OwnRulesOptions {
  /** Absolute path of the project's root. */
  readonly root: string;
  /** `[project] ignore` of `ml.toml`. */
  readonly projectIgnore: readonly string[];
  readonly ignoreCase: boolean;
}

/** Answers for each file, by its path from the root, whether `.mlignore` or `[project] ignore` leave it or a folder of it out. */
export function ownRulesLeaveOut(options: OwnRulesOptions): (path: string) => boolean {
  const { root, projectIgnore, ignoreCase } = options;
  const own = parseIgnoreRules(toByteString(projectIgnore.join("\n")), { ignoreCase });
  const ml = [{ rules: own, prefix: "", skip: 0 }];
  const standing: FolderRules = { git: [], ml, onlyTracked: false, ignoreCase };
  const known = new Map<string, FolderRules>();
  const rulesIn = (folder: string, outer: FolderRules): FolderRules => {
    const before = known.get(folder);
    if (before !== undefined) return before;
    const mlignore = readIgnoreFile(`${root}/${folder}.mlignore`);
    const skip = toByteString(folder).length;
    const rules =
      mlignore === null ? outer : withOwnRules(outer, { gitignore: null, mlignore, skip });
    known.set(folder, rules);
    return rules;
  };
  return (path) => {
    let rules: FolderRules = standing;
    for (let begin = 0; ;) {
      rules = rulesIn(path.slice(0, begin), rules);
      const slash = path.indexOf("/", begin);
      const isFolder = slash !== -1;
      const part = isFolder ? path.slice(0, slash) : path;
      const name = toByteString(part.slice(begin));
      if (scopedVerdict(rules.ml, { name, path: toByteString(part), isFolder }) === true)
        return true;
      if (!isFolder) return false;
      begin = slash + 1;
    }
  };
}
