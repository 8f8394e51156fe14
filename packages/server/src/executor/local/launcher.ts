// How a job's process is launched: the arguments that stand before its command.
import type { AttemptSpec } from "../../domain/attempt-spec.ts";
import { findProgram } from "../sandbox/find-program.ts";
import type { JobOwner, SandboxPlan } from "../sandbox/sandbox-plan.ts";
import { exportLines } from "./job-environment.ts";
import type { JobFolders } from "./job-folders.ts";
import type { ShellPrograms } from "./shell-programs.ts";

/** What a launcher needs to know of a job. */
export interface Launch {
  readonly spec: AttemptSpec;
  /** The job's folders as the server sees them. */
  readonly outside: JobFolders;
  /** The same as the job sees them. */
  readonly inside: JobFolders;
  /** Absolute path of the folder in which the command starts, as the job sees it. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The account it runs under; `null`: the server's. */
  readonly owner: JobOwner | null;
  /** Where what its setup makes is kept; `null`: nowhere. */
  readonly kept: string | null;
}

/**
 * One way to launch jobs. The supervisor sources the program that the first argument names, in a subshell in the control folder,
 * with the other arguments and the job's command as its positional parameters. The program must, in this order: run the
 * job's setup where it has one (see setup.sh); name the process whose group gets the job's signals (`record_job`, which fails
 * where a cancel or a time-out is on disk); run the command there, as leader of a session of its own, with exactly the
 * environment given. Its exit code is the job's, unless it writes the file `ended`.
 */
export interface Launcher {
  readonly kind: SandboxPlan["kind"];
  /**
   * The account that the attempt runs under and that its folders are to belong to; `null`: the server's own.
   *
   * @param control the attempt's control folder, which exists.
   * @throws FetchmlError box-unfit when there is none for it.
   */
  ownerOf(spec: AttemptSpec, control: string): JobOwner | null;
  /** The job's folders as the job sees them. */
  seenBy(spec: AttemptSpec, outside: JobFolders): JobFolders;
  /** What the launch needs. */
  prepare(launch: Launch): Prepared;
}

/** A launch that is ready to go. */
export interface Prepared {
  /** The arguments before the command. */
  readonly launch: readonly string[];
  /** What the launcher reads on file descriptor 6, from its beginning each time: the job's variables are in there alone. */
  readonly variables: string;
}

/**
 * Launches jobs as plain processes of the server's account, with no wall around them.
 *
 * @param path where `setsid` is looked for.
 * @throws FetchmlError box-unfit when there is none.
 */
export function plainLauncher(programs: ShellPrograms, path: string): Launcher {
  const setsid = findProgram("setsid", path);
  return {
    kind: "none",
    ownerOf: () => null,
    seenBy: (_spec, outside) => outside,
    prepare: ({ spec, inside, folder, environment }) => ({
      variables: `${exportLines(environment)}\n`,
      launch: [programs["launch-plain.sh"], spec.setup?.command ?? "", inside.work, folder, setsid],
    }),
  };
}
