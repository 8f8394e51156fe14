// Launches jobs in sandboxes of bubblewrap.
import type { Launcher } from "../local/launcher.ts";
import type { ShellPrograms } from "../local/shell-programs.ts";
import { argumentsText, bubblewrapOptions, foldersInside } from "./bubblewrap-options.ts";
import { accountOf } from "./job-accounts.ts";
import { findProgram } from "./find-program.ts";
import type { AdminMount, BubblewrapPlan } from "./sandbox-plan.ts";

/**
 * A launcher that puts every job into a sandbox, with the admin's mounts. Where the server is root, each user's jobs run under
 * an account of their own, to which the sandbox drops before it is built: root in a sandbox would not stay in there.
 *
 * @param path where `setsid` and `setpriv` are looked for.
 * @throws FetchmlError box-unfit when one is missing.
 */
export function bubblewrapLauncher(
  plan: BubblewrapPlan,
  {
    programs,
    path,
    mounts,
  }: {
    readonly programs: ShellPrograms;
    readonly path: string;
    readonly mounts: readonly AdminMount[];
  },
): Launcher {
  const setsid = findProgram("setsid", path);
  const setpriv = plan.uids === null ? "" : findProgram("setpriv", path);
  const canKeep = Bun.which("flock", { PATH: path }) !== null;
  return {
    kind: plan.kind,
    ownerOf: ({ userId }) => (plan.uids === null ? null : accountOf(plan.uids, userId)),
    seenBy: ({ user }) => foldersInside(user),
    prepare({ spec, outside, inside, folder, environment, owner, kept }) {
      const parts = { outside, inside, mounts, gpuUuids: spec.gpuUuids, environment };
      const variables = argumentsText(bubblewrapOptions(plan, parts));
      const launch = [
        programs["launch-bubblewrap.sh"],
        spec.setup?.command ?? "",
        canKeep ? (kept ?? "") : "",
        inside.work,
        folder,
        setsid,
        plan.program,
        setpriv,
        String(owner?.uid ?? ""),
        String(spec.limits.processes),
      ];
      return { launch, variables };
    },
  };
}
