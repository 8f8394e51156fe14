// Runs Git in a folder and keeps it from running anything else there.

/** The environment of this process; an absent variable is `undefined`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What to run. */
export interface GitRun {
  readonly env: Environment;
  readonly args: readonly string[];
  /** Settings that win over all others, such as `core.fsmonitor=false`. */
  readonly settings?: readonly string[];
}

/**
 * Runs Git and gives what it printed. Nothing is fetched, no lock is taken, and the file system monitor, which a repository
 * can set to any command, does not run.
 *
 * @returns `null` when Git is not installed, fails, or takes longer than 30 s
 */
export async function runGit(
  folder: string,
  { env, args, settings = [] }: GitRun,
): Promise<string | null> {
  const set = ["core.fsmonitor=false", ...settings].flatMap((setting) => ["-c", setting]);
  try {
    const child = Bun.spawn(["git", ...set, ...args], {
      cwd: folder,
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
  return {
    ...Object.fromEntries(kept),
    LC_ALL: "C",
    GIT_OPTIONAL_LOCKS: "0",
    // In a partial clone Git would fetch what it lacks, by whatever command the repository names.
    GIT_NO_LAZY_FETCH: "1",
    GIT_ALLOW_PROTOCOL: "none",
  };
}
