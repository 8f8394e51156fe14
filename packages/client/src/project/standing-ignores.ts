// The ignore rules that hold in all of a project, before its own folders are read.
import { readFileSync, statSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { toByteString } from "./byte-string.ts";
import { watch, type Watched } from "./file-stamp.ts";
import type { GitFolder } from "./git-folder.ts";
import { parseIgnoreRules } from "./ignore-rules.ts";
import type { IgnoreScope } from "./ignore-scope.ts";

/** The folder into which `ml pull` writes unless told otherwise; what came from a job is not sent with the next one. */
export const PULLED_FOLDER = "ml-outputs/";

/** Rules by who made them, those asked first in front. */
export interface StandingIgnores {
  readonly git: readonly IgnoreScope[];
  readonly ml: readonly IgnoreScope[];
  /** All of Git's rules here as text, so that a change of them is noticed. */
  readonly gitText: string;
  /** Every file that was looked for. */
  readonly watched: readonly Watched[];
}

/**
 * Git's: the `.gitignore` of folders above the root in the same work tree, then `.git/info/exclude`, then the user's own
 * file for all repositories, and last of all {@link PULLED_FOLDER}. FetchML's: `[project] ignore` of `ml.toml`.
 */
export function readStandingIgnores(from: {
  readonly root: string;
  readonly git: GitFolder | null;
  readonly excludesFile: string;
  readonly projectIgnore: readonly string[];
  readonly ignoreCase: boolean;
}): StandingIgnores {
  const { root, git, ignoreCase } = from;
  const scopes: IgnoreScope[] = [];
  const texts: string[] = [];
  const watched: Watched[] = [];
  const read = (path: string, base: string) => {
    watched.push(watch(path));
    const text = readIgnoreFile(path);
    if (text === null) return;
    texts.push(path, text);
    scopes.push({
      rules: parseIgnoreRules(text, { ignoreCase }),
      prefix: wayTo(root, base),
      skip: 0,
    });
  };
  if (git !== null) {
    for (let folder = root; folder !== git.top;) {
      folder = dirname(folder);
      read(join(folder, ".gitignore"), folder);
    }
    read(join(git.commonDir, "info", "exclude"), git.top);
  }
  read(from.excludesFile, git?.top ?? root);
  // Asked last, so that any other rule can take it back.
  scopes.push({ rules: parseIgnoreRules(PULLED_FOLDER, { ignoreCase }), prefix: "", skip: 0 });
  const own = toByteString(from.projectIgnore.join("\n"));
  return {
    git: scopes,
    ml: [{ rules: parseIgnoreRules(own, { ignoreCase }), prefix: "", skip: 0 }],
    gitText: texts.join("\0"),
    watched,
  };
}

/** An ignore file as a byte string; `null` when there is no such file or it cannot be read, as Git has it. */
export function readIgnoreFile(path: string): string | null {
  try {
    return statSync(path).isFile() ? readFileSync(path, "latin1") : null;
  } catch {
    return null;
  }
}

function wayTo(root: string, base: string): string {
  const way = relative(base, root).replaceAll(sep, "/");
  return way === "" ? "" : `${toByteString(way)}/`;
}
