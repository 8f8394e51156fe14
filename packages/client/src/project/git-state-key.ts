// Tells by the times of Git's own files whether it may answer otherwise than before, without running it.
import { isAbsolute, join } from "node:path";
import { watch } from "./file-stamp.ts";
import type { GitFolder } from "./git-folder.ts";
import type { Environment } from "./run-git.ts";

/**
 * A text that changes when Git's answer may change, ignore files aside: with the index, with configuration and attribute
 * files, also those that have yet to be made, and with settings in the environment, of which it holds a hash alone.
 */
export function gitStateKey(
  git: GitFolder,
  { env, configFiles }: { readonly env: Environment; readonly configFiles: readonly string[] },
): string {
  const paths = new Set([...gitFiles(git, env), ...configFiles]);
  return [...[...paths].map(stampOf), ...settingsIn(env)].join("\n");
}

/** Absolute paths of the index and of configuration and attribute files that Git reads wherever it is asked. */
export function gitFiles({ gitDir, commonDir }: GitFolder, env: Environment): string[] {
  return [
    join(gitDir, "index"),
    join(commonDir, "config"),
    join(gitDir, "config.worktree"),
    "/etc/gitconfig",
    ...(env["HOME"] === undefined ? [] : [join(env["HOME"], ".gitconfig")]),
    join(configHome(env), "git", "config"),
    "/etc/gitattributes",
    join(configHome(env), "git", "attributes"),
    join(commonDir, "info", "attributes"),
    ...[env["GIT_CONFIG_GLOBAL"] ?? [], env["GIT_CONFIG_SYSTEM"] ?? []].flat(),
  ];
}

/** The file of ignore rules that Git reads for every repository where `core.excludesFile` is not set. */
export function defaultExcludesFile(env: Environment): string {
  return join(configHome(env), "git", "ignore");
}

/** Git's settings in the environment; hashed, since one may be a password and the text is written to a file. */
export function settingsIn(env: Environment): readonly string[] {
  const names = Object.keys(env).filter((name) => name.startsWith("GIT_CONFIG"));
  if (names.length === 0) return [];
  const text = JSON.stringify(names.toSorted().map((name) => [name, env[name]]));
  return [new Bun.CryptoHasher("sha256").update(text).digest("hex")];
}

function configHome(env: Environment): string {
  const set = env["XDG_CONFIG_HOME"];
  return set !== undefined && isAbsolute(set) ? set : join(env["HOME"] ?? "/", ".config");
}

function stampOf(path: string): string {
  const { stamp } = watch(path);
  return stamp === null
    ? `${path}\0-`
    : `${path}\0${stamp.mtimeMs} ${stamp.ctimeMs} ${stamp.sizeBytes} ${stamp.inode}`;
}
