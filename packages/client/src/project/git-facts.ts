// What only Git itself can tell of a project: which files it tracks although they are ignored, and its settings.
import { statSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import type { GitFolder } from "./git-folder.ts";

/** The environment of this process; an absent variable is `undefined`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What Git told. */
export interface GitFacts {
  /** Whether names match whatever their case, as on macOS and Windows. */
  readonly ignoreCase: boolean;
  /** The file of `core.excludesFile`; `null` where it is not set. */
  readonly excludesFile: string | null;
  /** Files that Git tracks and whose ignore rules name them; paths relative to the project's root. */
  readonly trackedIgnored: readonly string[];
  /** Absolute paths of the configuration files that took part. */
  readonly configFiles: readonly string[];
}

/**
 * Runs Git twice, side by side, which takes about 10 ms: too long to do each time, so the answer is kept for as long as
 * {@link gitStateKey} and the ignore files stay the same.
 *
 * @returns `null` when Git is not installed or refuses to work there
 */
export async function askGit(
  root: string,
  { git, env }: { readonly git: GitFolder; readonly env: Environment },
): Promise<GitFacts | null> {
  const [config, tracked] = await Promise.all([
    runGit(root, { env, args: ["config", "--list", "--show-origin", "-z"] }),
    runGit(root, { env, args: ["ls-files", "-c", "-i", "--exclude-standard", "-z"] }),
  ]);
  if (config === null || tracked === null) return null;
  const { settings, configFiles } = readConfig(config, git.top);
  return {
    ignoreCase: settings.get("core.ignorecase") === "true",
    excludesFile: expandHome(settings.get("core.excludesfile"), { env, top: git.top }),
    trackedIgnored: tracked.split("\0").filter((path) => path !== ""),
    configFiles,
  };
}

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

async function runGit(
  root: string,
  { env, args }: { readonly env: Environment; readonly args: readonly string[] },
): Promise<string | null> {
  try {
    // The file system monitor of a repository's own configuration is a command; it must not run.
    const child = Bun.spawn(["git", "-c", "core.fsmonitor=false", ...args], {
      cwd: root,
      env: gitEnvironment(env),
      stdin: "ignore",
      stderr: "ignore",
      timeout: GIT_TIMEOUT_MS,
    });
    const [output, exitCode] = await Promise.all([child.stdout.text(), child.exited]);
    return exitCode === 0 ? output : null;
  } catch {
    return null;
  }
}

const GIT_TIMEOUT_MS = 30_000;

/** Without the variables that point Git at another repository, as they are set inside its hooks. */
function gitEnvironment(env: Environment): Environment {
  const kept = Object.entries(env).filter(
    ([name]) => !name.startsWith("GIT_") || name.startsWith("GIT_CONFIG"),
  );
  return { ...Object.fromEntries(kept), LC_ALL: "C", GIT_OPTIONAL_LOCKS: "0" };
}

function readConfig(
  output: string,
  top: string,
): { readonly settings: ReadonlyMap<string, string>; readonly configFiles: readonly string[] } {
  const settings = new Map<string, string>();
  const configFiles = new Set<string>();
  const fields = output.split("\0");
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [origin = "", setting = ""] = [fields[at], fields[at + 1]];
    if (origin.startsWith("file:")) configFiles.add(resolve(top, origin.slice(5)));
    const end = setting.indexOf("\n");
    // A name without a value means true.
    if (end === -1) settings.set(setting, "true");
    else settings.set(setting.slice(0, end), setting.slice(end + 1));
  }
  return { settings, configFiles: [...configFiles] };
}

function expandHome(
  path: string | undefined,
  { env, top }: { readonly env: Environment; readonly top: string },
): string | null {
  if (path === undefined) return null;
  if (path.startsWith("~/")) return join(env["HOME"] ?? "/", path.slice(2));
  return resolve(top, path);
}
