// What only Git itself can tell of a project: which files it tracks although they are ignored, and its settings.
import { join, resolve } from "node:path";
import { readGitConfig } from "./git-config.ts";
import type { GitFolder } from "./git-folder.ts";
import { runGit, type Environment } from "./run-git.ts";
import { PULLED_FOLDER } from "./standing-ignores.ts";

/** What Git told. */
export interface GitFacts {
  /** Whether names match whatever their case, as on macOS and Windows. */
  readonly ignoreCase: boolean;
  /** The file of `core.excludesFile`; `null` where it is not set. */
  readonly excludesFile: string | null;
  /** Files that Git tracks and whose ignore rules name them; paths relative to the project's root. */
  readonly trackedIgnored: readonly string[];
  /** Filters that the repository itself brings along, as `readGitConfig` has them. */
  readonly ownFilters: readonly string[];
  /** Absolute paths of the configuration files that took part. */
  readonly configFiles: readonly string[];
}

/**
 * Runs Git twice, side by side, which takes about 10 ms: too long to do each time, so the answer is kept for as long as
 * `gitStateKey` and the ignore files stay the same.
 *
 * @returns `null` when Git is not installed or refuses to work there
 */
export async function askGit(
  root: string,
  { git, env }: { readonly git: GitFolder; readonly env: Environment },
): Promise<GitFacts | null> {
  const [config, tracked] = await Promise.all([
    readGitConfig(root, { top: git.top, env }),
    runGit(root, {
      env,
      args: ["ls-files", "-c", "-i", "--exclude-standard", "-x", PULLED_FOLDER, "-z"],
    }),
  ]);
  if (config === null || tracked === null) return null;
  const { settings, files, ownFilters } = config;
  return {
    ignoreCase: settings.get("core.ignorecase") === "true",
    excludesFile: expandHome(settings.get("core.excludesfile"), { env, top: git.top }),
    trackedIgnored: tracked.split("\0").filter((path) => path !== ""),
    ownFilters,
    configFiles: files,
  };
}

function expandHome(
  path: string | undefined,
  { env, top }: { readonly env: Environment; readonly top: string },
): string | null {
  if (path === undefined) return null;
  if (path.startsWith("~/")) return join(env["HOME"] ?? "/", path.slice(2));
  return resolve(top, path);
}
