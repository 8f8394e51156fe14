// The step that has systemd run the server, where there is a systemd and a unit for it.
import { existsSync } from "node:fs";
import { FetchmlError } from "@fetchml/protocol";
import { configPlaces } from "../../config/read-settings.ts";
import type { SetUpPlan } from "./set-up-plan.ts";
import type { SetUpStep } from "./set-up-step.ts";

/** What systemd says of the unit. */
export type UnitState =
  | { readonly kind: "running" }
  | { readonly kind: "offered"; readonly systemctl: readonly string[] }
  /** `why` is a sentence for the person. */
  | { readonly kind: "none"; readonly why: string };

/** Looks for the unit: of the box where this is root, else of this account. It always reads the config of its usual place. */
export function findUnit({ configPath }: Pick<SetUpPlan, "configPath">): UnitState {
  const isRoot = process.geteuid?.() === 0;
  const systemctl = isRoot ? ["systemctl"] : ["systemctl", "--user"];
  const [ofBox, ofAccount] = configPlaces();
  if (!existsSync("/run/systemd/system") || Bun.which("systemctl") === null) {
    return { kind: "none", why: "No systemd runs here" };
  }
  if (configPath !== (isRoot ? ofBox : ofAccount)) {
    return { kind: "none", why: `The unit reads another config than ${configPath}` };
  }
  if (!answersYes([...systemctl, "cat", UNIT])) {
    return { kind: "none", why: `No unit ${UNIT} is installed` };
  }
  const isRunning =
    answersYes([...systemctl, "is-active", "--quiet", UNIT]) &&
    answersYes([...systemctl, "is-enabled", "--quiet", UNIT]);
  return isRunning ? { kind: "running" } : { kind: "offered", systemctl };
}

/** Has the server run now and after each start of the box. */
export function unitStep(unit: UnitState): SetUpStep {
  switch (unit.kind) {
    case "running":
      return { isDone: true, says: `systemd runs ${UNIT}` };
    case "none":
      return { isDone: true, says: unit.why };
    case "offered": {
      const command = [...unit.systemctl, "enable", "--now", UNIT];
      return {
        isDone: false,
        says: `Start the server now and at each start of the box: ${command.join(" ")}`,
        act: () => {
          Bun.spawnSync([...unit.systemctl, "daemon-reload"]);
          const { exitCode, stderr } = Bun.spawnSync(command);
          if (exitCode === 0) return;
          const why = stderr.toString().trim().split("\n")[0] ?? "";
          throw new FetchmlError(
            "box-unfit",
            `systemd did not start the server: ${why}\nType "${unit.systemctl.join(" ")} status fetchml" to see why.`,
          );
        },
      };
    }
  }
}

const UNIT = "fetchml.service";

function answersYes(command: readonly string[]): boolean {
  return Bun.spawnSync([...command], { stdio: ["ignore", "ignore", "ignore"] }).exitCode === 0;
}
