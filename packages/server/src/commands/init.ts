// `fetchml init`: checks the box, then sets up config, data folder, service and first user, each said before it is done.
import { EXIT } from "@fetchml/protocol";
import { configPlaces } from "../config/read-settings.ts";
import { bareBoxChecks, boxChecksText, examineBox } from "./box-checks/examine-box.ts";
import type { Invocation } from "./invocation.ts";
import { say } from "./output.ts";
import { shellWord } from "./shell-word.ts";
import { askConsent } from "./set-up/ask-consent.ts";
import { configStep } from "./set-up/config-step.ts";
import { dataFolderStep } from "./set-up/data-folder-step.ts";
import { firstUser } from "./set-up/first-user-step.ts";
import { planSetUp, type SetUpPlan } from "./set-up/set-up-plan.ts";
import { accountStep } from "./set-up/unit-account.ts";
import type { SetUpStep } from "./set-up/set-up-step.ts";
import { findUnit, unitStep } from "./set-up/unit-step.ts";

/** Sets the box up. What is there already stays as it is. Exits 0 when no check has failed, else 1; what could be done is done. */
export async function run({ flags }: Invocation): Promise<number> {
  const plan = planSetUp({ flags });
  const checks = await examineBox(bareBoxChecks, plan.settings);
  say(`${boxChecksText(checks)}\n`);
  const unit =
    flags["no-unit"] === true
      ? ({ kind: "none", why: "systemd was not asked to run the server" } as const)
      : findUnit(plan);
  const first = firstUser(plan);
  const steps = [
    configStep(plan),
    accountStep(unit),
    dataFolderStep(plan, unit),
    unitStep(unit),
    first.step,
  ].filter((step) => step !== null);
  for (const { says } of steps.filter(({ isDone }) => isDone)) say(`${says}.`);
  const toDo = steps.filter((step) => !step.isDone);
  if (toDo.length === 0) say("Nothing is left to do, and nothing was changed.");
  else if (!(await doAll(toDo, flags["yes"] === true))) return EXIT.interrupted;
  say(`\nNext, type:\n${nextCommands({ ...plan, user: first.name }, unit.kind).join("\n")}`);
  const failures = checks.filter(({ status }) => status === "failed").length;
  if (failures === 0) return EXIT.ok;
  say(`\n${failures} of the checks above failed: mend that first, and type "fetchml init" again.`);
  return EXIT.other;
}

async function doAll(
  steps: readonly (SetUpStep & { isDone: false })[],
  isAgreed: boolean,
): Promise<boolean> {
  say(`\nThis will:\n${steps.map(({ says }) => `  ${says}`).join("\n")}`);
  if (!isAgreed && !(await askConsent("Go on?"))) {
    say("Nothing was done.");
    return false;
  }
  for (const { says, act } of steps) {
    say(`${says} …`);
    await act();
  }
  return true;
}

function nextCommands({ user, configPath, dataDir }: SetUpPlan, unit: string): readonly string[] {
  const config = configPlaces().includes(configPath) ? "" : ` --config ${shellWord(configPath)}`;
  const key = `  fetchml key issue ${user}${config}`;
  if (unit !== "none") return [key, `  ml login      # on ${user}'s own machine`];
  return [`  fetchml serve${config}      # its data is in ${dataDir}`, key];
}
