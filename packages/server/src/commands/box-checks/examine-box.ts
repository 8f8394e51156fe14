// Makes checks of the box one after the other, and tells what they found.
import type { Settings } from "../../config/settings.ts";
import type { BoxCheck, MakeBoxCheck } from "./box-check.ts";
import { checkCgroups } from "./cgroup-check.ts";
import { checkClock } from "./clock-check.ts";
import { checkDisk } from "./disk-check.ts";
import { checkGpu } from "./gpu-check.ts";
import { checkPort } from "./port-check.ts";
import { checkSandbox } from "./sandbox-check.ts";

/** What is looked at before there is a server: all that `fetchml init` checks, in the order in which it is shown. */
export const bareBoxChecks: readonly MakeBoxCheck[] = [
  (settings) => checkGpu(settings),
  (settings) => checkSandbox(settings),
  () => checkCgroups(),
  (settings) => checkDisk(settings),
  () => checkClock(),
  (settings) => checkPort(settings),
];

/** What all checks found, in their order. Nothing is changed. */
export async function examineBox(
  checks: readonly MakeBoxCheck[],
  settings: Settings,
): Promise<readonly BoxCheck[]> {
  const made: BoxCheck[] = [];
  for (const check of checks) made.push(await check(settings));
  return made;
}

/** One line for each check, the command that mends it below, what could not be checked, and a sum; without a line feed at the end. */
export function boxChecksText(
  checks: readonly BoxCheck[],
  notChecked: readonly string[] = [],
): string {
  const width = Math.max(0, ...checks.map(({ name }) => name.length));
  const lines = checks.flatMap((check) => {
    const line = `${check.status.padEnd(STATUS_WIDTH)}  ${check.name.padEnd(width)}  ${check.message}`;
    if (check.status === "ok") return [line];
    return [line, `${" ".repeat(STATUS_WIDTH + width + 4)}${check.fix}`];
  });
  const count = (status: BoxCheck["status"]) =>
    checks.filter((check) => check.status === status).length;
  const sum = `${count("ok")} ok, ${count("warning")} warnings, ${count("failed")} failed`;
  const missing = notChecked.length === 0 ? [] : [`Not checked: ${notChecked.join(", ")}`];
  return [...lines, "", ...missing, sum].join("\n");
}

const STATUS_WIDTH = "warning".length;
