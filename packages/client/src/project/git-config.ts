// Reads what Git says of its settings in one folder.
import { dirname, join, resolve } from "node:path";
import type { GitFolder } from "./git-folder.ts";
import { runGit, type Environment } from "./run-git.ts";

/** Git's settings in one folder, from all files together. */
export interface GitConfig {
  /** The last value of each, by lower-case name. */
  readonly settings: ReadonlyMap<string, string>;
  /** Absolute paths of the files that took part, and of those that are to be included once they exist. */
  readonly files: readonly string[];
  /**
   * Names of the filters that the repository itself brings along. A filter is a command that Git runs on a file to see
   * whether it has changed, and who unpacks somebody's folder has not asked for theirs to run.
   */
  readonly ownFilters: readonly string[];
}

/**
 * Asks Git for its settings.
 *
 * @param top the work tree's top, from which paths of files count
 * @returns `null` when Git cannot be asked
 */
export async function readGitConfig(
  folder: string,
  { top, env }: { readonly top: string; readonly env: Environment },
): Promise<GitConfig | null> {
  const list = ["config", "--list", "--show-origin", "-z"];
  const scoped = await runGit(folder, { env, args: [...list, "--show-scope"] });
  if (scoped !== null) return parse(scoped.split("\0"), { top, env, hasScope: true });
  // Before 2.26 Git did not say whose a setting is: all count as the repository's.
  const plain = await runGit(folder, { env, args: list });
  return plain === null ? null : parse(plain.split("\0"), { top, env, hasScope: false });
}

/** A path in a setting as an absolute one: `~/` is the home folder, and what is relative counts from `folder`. */
export function settingPath(
  path: string,
  { folder, env }: { readonly folder: string; readonly env: Environment },
): string {
  if (path.startsWith("~/")) return join(env["HOME"] ?? "/", path.slice(2));
  return resolve(folder, path);
}

/** Where to look a setting up. */
export interface SettingPlace {
  readonly git: GitFolder;
  readonly env: Environment;
}

/** The path that a setting of this name holds, as an absolute one; `null` where it is not set. */
export function pathInSetting(
  { settings }: GitConfig,
  name: string,
  { git, env }: SettingPlace,
): string | null {
  const path = settings.get(name);
  return path === undefined ? null : settingPath(path, { folder: git.top, env });
}

/** Absolute paths of the files on which settings and attributes hang, those that have yet to be made among them. */
export function filesBehind(config: GitConfig, place: SettingPlace): readonly string[] {
  const attributesFile = pathInSetting(config, "core.attributesfile", place);
  const hangsOnBranch = config.settings
    .keys()
    .some((name) => name.startsWith("includeif.onbranch:"));
  return [
    ...config.files,
    ...(attributesFile === null ? [] : [attributesFile]),
    ...(hangsOnBranch ? [join(place.git.gitDir, "HEAD")] : []),
  ];
}

function parse(
  fields: readonly string[],
  {
    top,
    env,
    hasScope,
  }: { readonly top: string; readonly env: Environment; readonly hasScope: boolean },
): GitConfig {
  const settings = new Map<string, string>();
  const files = new Set<string>();
  const ownFilters = new Set<string>();
  const step = hasScope ? 3 : 2;
  for (let at = 0; at + step - 1 < fields.length; at += step) {
    const scope = hasScope ? fields[at] : "local";
    const [origin = "", setting = ""] = fields.slice(at + step - 2, at + step);
    const file = origin.startsWith("file:") ? resolve(top, origin.slice(5)) : null;
    if (file !== null) files.add(file);
    const end = setting.indexOf("\n");
    // A name without a value means true.
    const name = end === -1 ? setting : setting.slice(0, end);
    const value = end === -1 ? "true" : setting.slice(end + 1);
    settings.set(name, value);
    if (INCLUDE.test(name)) {
      files.add(settingPath(value, { folder: file === null ? top : dirname(file), env }));
    }
    const filter = /^filter\.(.*)\.(?:clean|process)$/s.exec(name)?.[1];
    if (filter !== undefined && (scope === "local" || scope === "worktree")) ownFilters.add(filter);
  }
  return { settings, files: [...files], ownFilters: [...ownFilters] };
}

// Git names a file as an origin only when there is something in it.
const INCLUDE = /^include(?:if\..*)?\.path$/s;
