// Runs Git in a folder and keeps it from running anything else there.
import { endWithChildren } from "./end-with-children.ts";

/** The environment of this process; an absent variable is `undefined`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What to run. */
export interface GitRun {
  readonly env: Environment;
  readonly args: readonly string[];
  /** Settings that win over all others, such as `core.fsmonitor=false`. */
  readonly settings?: readonly string[];
  /** Absolute path of the work tree that is asked about, whatever `core.worktree` and `core.bare` say; `null`: let Git find it. */
  readonly workTree?: string | null;
  /** How long to wait for it, in milliseconds. Default: 30 s. */
  readonly limitMs?: number | undefined;
  /** Ends the waiting earlier. */
  readonly signal?: AbortSignal;
}

/** What Git did. */
export type GitAnswer =
  | { readonly kind: "told"; readonly output: string }
  /** It failed; `null` when it is not installed. */
  | { readonly kind: "refused"; readonly exitCode: number | null }
  /** It did not end, as where its settings include a pipe. */
  | { readonly kind: "silent" };

/** Why Git told nothing. */
export type GitMute = Exclude<GitAnswer["kind"], "told">;

/** As {@link answerOfGit}, for what hangs on the answer alone. @returns what Git printed; `null` when it told nothing */
export async function runGit(folder: string, run: GitRun): Promise<string | null> {
  const answer = await answerOfGit(folder, run);
  return answer.kind === "told" ? answer.output : null;
}

/**
 * Runs Git and gives what it printed. Nothing is fetched, no lock is taken, and the file system monitor, which a repository
 * can set to any command, does not run.
 */
export async function answerOfGit(
  folder: string,
  { env, args, settings = [], workTree = null, limitMs = LIMIT_MS, signal }: GitRun,
): Promise<GitAnswer> {
  if (signal?.aborted === true) return { kind: "silent" };
  const set = ["core.fsmonitor=false", ...settings].flatMap((setting) => ["-c", setting]);
  const place = workTree === null ? [] : [`--work-tree=${workTree}`];
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), limitMs);
  const end = signal === undefined ? limit.signal : AbortSignal.any([limit.signal, signal]);
  try {
    const child = Bun.spawn(["git", ...set, ...place, ...args], {
      cwd: folder,
      env: gitEnvironment(env),
      stdin: "ignore",
      stderr: "ignore",
    });
    // What it runs may not end either, such as a filter; and at a gentler signal Git would wait for that.
    end.addEventListener("abort", () => endWithChildren(child), { once: true });
    const [output, exitCode] = await Promise.all([child.stdout.text(), child.exited]);
    if (exitCode === 0) return { kind: "told", output };
    return end.aborted ? { kind: "silent" } : { kind: "refused", exitCode };
  } catch {
    return end.aborted ? { kind: "silent" } : { kind: "refused", exitCode: null };
  } finally {
    clearTimeout(timer);
  }
}

/** A large repository on a slow disk takes seconds. */
const LIMIT_MS = 30_000;

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
