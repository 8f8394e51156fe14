// Reads what Git says of its settings in one folder.
import { dirname, join, resolve } from "node:path";
import type { GitFolder } from "./git-folder.ts";
import { answerOfGit, type Environment, type GitMute } from "./run-git.ts";

/** Git's settings in one folder, from all files together. */
export interface GitConfig {
  /** The last value of each, by lower-case name. */
  readonly settings: ReadonlyMap<string, string>;
  /** Absolute paths of the files that took part, and of those that are to be included once they exist. */
  readonly files: readonly string[];
  /**
   * Names of the filters that the repository itself brings along, or of all where it brings a command that git-lfs would
   * run. A filter is a command that Git runs on a file to see whether it has changed, and who unpacks somebody's folder has
   * not asked for theirs to run.
   */
  readonly ownFilters: readonly string[];
}

/** How Git is set to tell whether a file has changed. */
export interface HowGitJudges extends Pick<GitConfig, "ownFilters"> {
  /** Whether names match whatever their case, as on macOS and Windows. */
  readonly ignoreCase: boolean;
  /** Whether it is not to compare executable bits (`core.fileMode`). */
  readonly ignoresModes: boolean;
}

/** Takes that from its settings. */
export function judgedBy({ settings, ownFilters }: GitConfig): HowGitJudges {
  return {
    ownFilters,
    ignoreCase: settings.get("core.ignorecase") === "true",
    ignoresModes: /^(?:false|no|off|0|)$/i.test(settings.get("core.filemode") ?? "true"),
  };
}

/** Of which work tree Git is asked, and how long it is waited for. */
export interface GitConfigQuestion {
  /** The work tree's top, from which paths of files count. */
  readonly top: string;
  readonly env: Environment;
  readonly workTree: string | null;
  /** In milliseconds. Default, and at most: 10 s. */
  readonly limitMs?: number | undefined;
}

/** Asks Git for its settings. @returns why not, when it does not tell */
export async function readGitConfig(
  folder: string,
  { top, env, workTree, limitMs = LIMIT_MS }: GitConfigQuestion,
): Promise<GitConfig | GitMute> {
  const run = { env, workTree, limitMs: Math.min(limitMs, LIMIT_MS) };
  const list = ["config", "--list", "--show-origin", "-z"];
  const scoped = await answerOfGit(folder, { ...run, args: [...list, "--show-scope"] });
  if (scoped.kind === "told") return parse(scoped.output.split("\0"), { top, env, hasScope: true });
  if (scoped.kind === "silent" || scoped.exitCode !== USAGE_ERROR) return scoped.kind;
  // Before 2.26 Git did not say whose a setting is: all count as the repository's.
  const plain = await answerOfGit(folder, { ...run, args: list });
  if (plain.kind !== "told") return plain.kind;
  return parse(plain.output.split("\0"), { top, env, hasScope: false });
}

/** Settings are a few small files: whoever takes longer waits for something that does not come. */
const LIMIT_MS = 10_000;

/** What Git ends with when it does not know an option. */
const USAGE_ERROR = 129;

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
  const filters = new Set<string>();
  const ownFilters = new Set<string>();
  let hasOwnExtension = false;
  const step = hasScope ? 3 : 2;
  for (let at = 0; at + step - 1 < fields.length; at += step) {
    const scope = hasScope ? fields[at] : "local";
    const isOwn = scope === "local" || scope === "worktree";
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
    if (filter !== undefined) filters.add(filter);
    if (filter !== undefined && isOwn) ownFilters.add(filter);
    hasOwnExtension ||= isOwn && LFS_EXTENSION.test(name);
  }
  // Which of the person's filters is git-lfs, its name does not say for sure.
  const switchedOff = hasOwnExtension ? filters : ownFilters;
  return { settings, files: [...files], ownFilters: [...switchedOff] };
}

// Git names a file as an origin only when there is something in it.
const INCLUDE = /^include(?:if\..*)?\.path$/s;

// Commands that git-lfs, which many have set up for all repositories, runs on each file that it filters.
const LFS_EXTENSION = /^lfs\.extension\./s;
