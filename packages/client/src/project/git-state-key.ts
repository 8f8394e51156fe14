// Tells by the times of Git's own files whether it may answer otherwise than before, without running it.
import { statSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import type { GitFolder } from "./git-folder.ts";
import type { Environment } from "./run-git.ts";

/**
 * A text that changes when Git's answer may change, ignore files aside: with the index, and with configuration files, also
 * those that have yet to be made. A file that is only included under a condition not met so far is not seen.
 */
export function gitStateKey(
  { gitDir, commonDir }: GitFolder,
  { env, configFiles }: { readonly env: Environment; readonly configFiles: readonly string[] },
): string {
  const paths = new Set([
    join(gitDir, "index"),
    join(commonDir, "config"),
    join(gitDir, "config.worktree"),
    "/etc/gitconfig",
    ...(env["HOME"] === undefined ? [] : [join(env["HOME"], ".gitconfig")]),
    join(configHome(env), "git", "config"),
    ...configFiles,
  ]);
  return [...paths].map(stampOf).join("\n");
}

/** The file of ignore rules that Git reads for every repository where `core.excludesFile` is not set. */
export function defaultExcludesFile(env: Environment): string {
  return join(configHome(env), "git", "ignore");
}

function configHome(env: Environment): string {
  const set = env["XDG_CONFIG_HOME"];
  return set !== undefined && isAbsolute(set) ? set : join(env["HOME"] ?? "/", ".config");
}

function stampOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined
    ? `${path}\0-`
    : `${path}\0${stat.mtimeMs} ${stat.ctimeMs} ${stat.size} ${stat.ino}`;
}
