// `--dry-run`: shows what would be sent and run, and sends nothing.
import { EXIT } from "@fetchml/protocol";
import type { Invocation } from "./command.ts";
import { checkWorkingFolder } from "./check-working-folder.ts";
import type { Environment } from "./environment.ts";
import type { JobPlan } from "./job-plan.ts";
import { writeJson } from "./render/json.ts";
import { planJson, planText } from "./render/plan-text.ts";
import { paletteOf, wantsJson } from "./screen.ts";
import { checkSetupKey } from "./setup-key.ts";
import { freezePlan } from "./submission.ts";
import { tellingInterrupt } from "./tell-interrupt.ts";

/** Shows the plan and answers the exit code, 130 after Ctrl-C. @throws FetchmlError bad-project, bad-file */
export async function showPlan(
  plan: JobPlan,
  invocation: Invocation,
  environment: Environment,
): Promise<number> {
  const { stdout } = environment;
  return tellingInterrupt(environment, "Nothing was queued.", async () => {
    const frozen = await freezePlan(plan, environment);
    if (wantsJson(invocation)) writeJson(stdout, planJson(plan, frozen));
    else stdout.write(planText(plan, frozen, paletteOf(stdout, invocation, environment)));
    // Afterwards: the list above shows what could have been named.
    checkSetupKey(plan, frozen);
    checkWorkingFolder(plan.request.cwd, frozen);
    return EXIT.ok;
  });
}
