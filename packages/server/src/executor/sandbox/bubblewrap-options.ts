// The options of bwrap for one attempt: what it sees, where, and with which variables.
import { FOLDERS_INSIDE } from "../../domain/folders-inside.ts";
import type { JobFolders } from "../local/job-folders.ts";
import type { AdminMount, BubblewrapPlan } from "./sandbox-plan.ts";
import { option } from "./bwrap-option.ts";
import { deviceOptions, systemOptions } from "./visible-system.ts";

/**
 * The folders of a job as it sees them: the same paths for every attempt, so that what a setup has written into scripts and
 * links stays true.
 *
 * @param user name of the job's user; a valid one, without a slash.
 */
export function foldersInside(user: string): JobFolders {
  return { ...FOLDERS_INSIDE, home: `/home/${user}` };
}

/** What a sandbox is built from. */
export interface SandboxParts {
  /** The job's folders outside. */
  readonly outside: JobFolders;
  /** The same inside. */
  readonly inside: JobFolders;
  readonly mounts: readonly AdminMount[];
  readonly gpuUuids: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * The options of bwrap in the order in which it needs them. The launcher hands it the file descriptors 5 (the program that is
 * PID 1) and 7 (where it tells of itself).
 */
export function bubblewrapOptions(plan: BubblewrapPlan, parts: SandboxParts): readonly string[] {
  const { outside, inside, mounts, gpuUuids, environment } = parts;
  return [
    ...namespaceOptions(plan),
    ...option("--json-status-fd", "7"),
    ...systemOptions(),
    ...deviceOptions(gpuUuids),
    // A disk that is away costs only the jobs that ask for it, and those are told before.
    ...mounts.flatMap(({ path, mode }) => [`--${mode === "rw" ? "" : "ro-"}bind-try`, path, path]),
    ...FOLDERS.flatMap((name) => ["--bind", outside[name], inside[name]]),
    // On the disk, and counted as the job's: a tmpfs would take memory instead.
    ...option("--symlink", inside.tmp, "/tmp", "--symlink", inside.tmp, "/var/tmp"),
    ...option("--file", "5", "/.fetchml/init"),
    ...option("--remount-ro", "/"),
    "--clearenv",
    ...Object.entries(environment).flatMap(([name, value]) => ["--setenv", name, value]),
  ];
}

/** The namespaces of a sandbox. The network is the box's own: jobs download data and serve ports. */
export function namespaceOptions(
  plan: Pick<BubblewrapPlan, "canDisableUserns">,
): readonly string[] {
  return [
    ...option(
      "--unshare-user",
      "--unshare-pid",
      "--unshare-ipc",
      "--unshare-uts",
      "--unshare-cgroup-try",
    ),
    ...(plan.canDisableUserns ? ["--disable-userns"] : []),
    // A session of its own, so that it cannot type into a terminal of the server's.
    ...option("--new-session", "--die-with-parent", "--as-pid-1"),
    ...option("--proc", "/proc"),
  ];
}

/** The form of the file that `bwrap --args FD` reads. */
export function argumentsText(options: readonly string[]): string {
  return options.map((word) => `${word}\0`).join("");
}

const FOLDERS = ["work", "outputs", "tmp", "checkpoints", "home"] as const;
