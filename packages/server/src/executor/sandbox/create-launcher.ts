// Makes the launcher that a sandbox plan asks for.
import { type Launcher, plainLauncher } from "../local/launcher.ts";
import type { ShellPrograms } from "../local/shell-programs.ts";
import { accountLauncher } from "./account-launcher.ts";
import { bubblewrapLauncher } from "./bubblewrap-launcher.ts";
import type { AdminMount, SandboxPlan } from "./sandbox-plan.ts";

/**
 * The launcher of a plan that was proven to work.
 *
 * @throws FetchmlError box-unfit when a program that it needs is missing.
 */
export function createLauncher(
  programs: ShellPrograms,
  {
    sandbox,
    mounts,
    dataDir,
    baseEnv,
  }: {
    readonly sandbox: SandboxPlan;
    readonly mounts: readonly AdminMount[];
    readonly dataDir: string;
    readonly baseEnv: { readonly PATH: string };
  },
): Launcher {
  const path = baseEnv.PATH;
  switch (sandbox.kind) {
    case "none":
      return plainLauncher(programs, path);
    case "bubblewrap":
      return bubblewrapLauncher(sandbox, { programs, path, mounts });
    case "account":
      return accountLauncher(sandbox, { programs, path, dataDir });
  }
}
