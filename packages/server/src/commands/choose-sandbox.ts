// Chooses and proves the sandbox at start, and warns of what it cannot hold back.
import type { Settings } from "../config/settings.ts";
import { powerfulGroups } from "../executor/sandbox/account-groups.ts";
import { checkMounts } from "../executor/sandbox/admin-mounts.ts";
import { proveSandbox } from "../executor/sandbox/prove-sandbox.ts";
import type { SandboxPlan } from "../executor/sandbox/sandbox-plan.ts";
import type { CgroupPlan } from "../executor/cgroup/delegation.ts";
import type { Log } from "../telemetry/log.ts";

/**
 * The sandbox that the settings ask for, seen to work on this box. Tells in one line which walls jobs have.
 *
 * @throws FetchmlError box-unfit, bad-file when what the settings say cannot be.
 */
export async function chooseSandbox(
  settings: Settings,
  { log, cgroups }: { readonly log: Log; readonly cgroups: CgroupPlan },
): Promise<SandboxPlan> {
  const { sandbox, mounts, jobUids, dataDir, jobEnv } = settings;
  checkMounts(mounts, dataDir);
  const plan = await proveSandbox({ asked: sandbox, path: jobEnv.PATH, uids: jobUids, dataDir });
  log.info("sandbox", { kind: plan.kind, asked: sandbox, cgroups: cgroupWords(cgroups) });
  const weakness = WEAKNESSES[plan.kind];
  if (weakness !== null) log.warn("sandbox-weak", { kind: plan.kind, what: weakness });
  const groups = powerfulGroups();
  if (groups.length > 0) {
    log.warn("account-powerful", {
      groups: groups.join(", "),
      what: "a job that gets out of its sandbox is root through these groups; take the server's account out of them",
    });
  }
  return plan;
}

function cgroupWords(plan: CgroupPlan): string {
  return plan.kind === "delegated" ? plan.controllers.join(", ") : `none: ${plan.why}`;
}

const WEAKNESSES = {
  bubblewrap: null,
  account:
    "jobs see the box as any local account does, its processes and its readable files among it",
  none: "a job can read the database, stop the server and touch every other job: read SECURITY.md",
} as const;
