// How a job's process is launched: the arguments that stand before its command.
import { FetchmlError } from "@fetchml/protocol";
import { exportLines } from "./job-environment.ts";
import { writeControl } from "./control-files.ts";
import type { ShellPrograms } from "./shell-programs.ts";

/** What a launcher needs to know of a job. */
export interface Launch {
  /** The attempt's control folder. */
  readonly control: string;
  /** Absolute path of the folder in which the command starts. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * One way to launch jobs; a sandbox is another. The supervisor sources the program that the first argument names, in a subshell
 * in the control folder, with the other arguments and the job's command as its positional parameters. The program must, in
 * this order: name the process whose group gets the job's signals (`record_job` names its own, and leaves where a cancel or a
 * time-out is on disk); become the job, as leader of a session of its own, with exactly the environment given. Its exit code
 * is the job's.
 */
export interface Launcher {
  /** Writes what the launch needs into the control folder, and answers the arguments before the command. */
  prepare(launch: Launch): readonly string[];
}

/**
 * Launches jobs as plain processes of the server's account, with no wall around them.
 *
 * @param path where `setsid` is looked for.
 * @throws FetchmlError box-unfit when there is none.
 */
export function plainLauncher(programs: ShellPrograms, path: string): Launcher {
  const setsid = Bun.which("setsid", { PATH: path });
  if (setsid === null) {
    throw new FetchmlError(
      "box-unfit",
      `Cannot run jobs: there is no "setsid" in ${path}.\nInstall the package util-linux.`,
    );
  }
  return {
    prepare({ control, folder, environment }) {
      writeControl(control, "environment", exportLines(environment));
      return [programs["launch-plain.sh"], folder, setsid];
    },
  };
}
