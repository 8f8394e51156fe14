// What only Git itself can tell of a project: which files it tracks although they are ignored, and its settings.
import {
  filesBehind,
  judgedBy,
  pathInSetting,
  readGitConfig,
  type HowGitJudges,
} from "./git-config.ts";
import { workTreeToAsk, type GitFolder } from "./git-folder.ts";
import { answerOfGit, type Environment, type GitMute } from "./run-git.ts";
import { PULLED_FOLDER } from "./standing-ignores.ts";

/** What Git told. */
export interface GitFacts extends HowGitJudges {
  /** The file of `core.excludesFile`; `null` where it is not set. */
  readonly excludesFile: string | null;
  /** Files that Git tracks and whose ignore rules name them; paths relative to the project's root. */
  readonly trackedIgnored: readonly string[];
  /** Absolute paths of the files on which Git's settings hang, those that have yet to be made among them. */
  readonly configFiles: readonly string[];
}

/** About what Git is asked. */
export interface GitQuestion {
  readonly git: GitFolder;
  readonly env: Environment;
  /** How long to wait for it, in milliseconds. Default: 10 s for its settings, 30 s for the rest. */
  readonly limitMs?: number | undefined;
}

/**
 * Runs Git twice, side by side, which takes about 10 ms: too long to do each time, so the answer is kept for as long as
 * `gitStateKey` and the ignore files stay the same. Where its settings do not end, the other is not waited for.
 *
 * @returns why not, when Git does not tell
 */
export async function askGit(root: string, question: GitQuestion): Promise<GitFacts | GitMute> {
  const { git, env, limitMs } = question;
  const run = { env, limitMs, workTree: workTreeToAsk(git) };
  const settingsAreSilent = new AbortController();
  const [config, tracked] = await Promise.all([
    readGitConfig(root, { ...run, top: git.top }).then((answer) => {
      if (answer === "silent") settingsAreSilent.abort();
      return answer;
    }),
    answerOfGit(root, {
      ...run,
      signal: settingsAreSilent.signal,
      args: ["ls-files", "-c", "-i", "--exclude-standard", "-x", PULLED_FOLDER, "-z"],
    }),
  ]);
  if (typeof config === "string") return config;
  if (tracked.kind !== "told") return tracked.kind;
  return {
    ...judgedBy(config),
    excludesFile: pathInSetting(config, "core.excludesfile", { git, env }),
    trackedIgnored: tracked.output.split("\0").filter((path) => path !== ""),
    configFiles: filesBehind(config, { git, env }),
  };
}
