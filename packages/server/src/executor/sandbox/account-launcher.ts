// Launches each attempt under an account of its own, for a server that is root on a box without bubblewrap.
import { exportLines } from "../local/job-environment.ts";
import type { Launcher } from "../local/launcher.ts";
import type { ShellPrograms } from "../local/shell-programs.ts";
import { findProgram } from "./find-program.ts";
import { takeAccount } from "./job-accounts.ts";
import type { AccountPlan } from "./sandbox-plan.ts";

/**
 * A launcher that gives each attempt an account that nobody else has, and ends every process of that account afterwards. A job
 * sees what any local account sees of the box.
 *
 * @param path where `setsid` and `setpriv` are looked for.
 * @throws FetchmlError box-unfit when one is missing.
 */
export function accountLauncher(
  { uids }: AccountPlan,
  {
    programs,
    path,
    dataDir,
  }: {
    readonly programs: ShellPrograms;
    readonly path: string;
    readonly dataDir: string;
  },
): Launcher {
  const setsid = findProgram("setsid", path);
  const setpriv = findProgram("setpriv", path);
  return {
    kind: "account",
    ownerOf: ({ userId }, control) => takeAccount(uids, { dataDir, control, userId }),
    seenBy: (_spec, outside) => outside,
    prepare: ({ spec, outside, inside, folder, environment, owner }) => ({
      // Read by the job's own shell, once it has the job's account: see launch-account.sh.
      variables: `${limitLine(spec.limits.processes)}\n${exportLines(environment)}\n${BECOME}\n`,
      launch: [
        programs["launch-account.sh"],
        spec.setup?.command ?? "",
        inside.work,
        folder,
        setsid,
        setpriv,
        String(owner?.uid),
        String(owner?.gid),
        outside.home,
        outside.checkpoints,
      ],
    }),
  };
}

/** Counted by account. Shells do not agree on the letter. */
function limitLine(maxProcesses: number): string {
  return `{ ulimit -u ${maxProcesses} || ulimit -p ${maxProcesses}; } 2>/dev/null`;
}

/** What the job's shell does after it has taken the variables: becomes the command in `$1`. */
const BECOME = `umask 007
cd -P -- "$1" || exit 125
unset OLDPWD
shift
if ! command -v -- "$2" >/dev/null; then
  printf 'fetchml: cannot run "%s": no such command on this box\\n' "$2" >&2
  exit 127
fi
exec "$@" </dev/null`;
