// What only Git itself can tell of a project: which files it tracks although they are ignored, and its settings.
import { filesBehind, pathInSetting, readGitConfig } from "./git-config.ts";
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
  /** Absolute paths of the files on which Git's settings hang, those that have yet to be made among them. */
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
  const { settings, ownFilters } = config;
  return {
    ignoreCase: settings.get("core.ignorecase") === "true",
    excludesFile: pathInSetting(config, "core.excludesfile", { git, env }),
    trackedIgnored: tracked.split("\0").filter((path) => path !== ""),
    ownFilters,
    configFiles: filesBehind(config, { git, env }),
  };
}
