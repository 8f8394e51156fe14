// What `ml doctor` shows.
import type { Palette } from "../render/palette.ts";
import { plainText } from "../render/plain-text.ts";
import { CHECK_NAMES, type Check } from "./check.ts";
import type { Examination } from "./examine.ts";

/** One line for each check, the command that mends it below, and a sum; ended by a line feed. */
export function doctorText({ checks, not_checked }: Examination, palette: Palette): string {
  const lines = checks.flatMap((check) => checkLines(check, palette));
  const missing = not_checked.length === 0 ? [] : [`Not checked: ${not_checked.join(", ")}`];
  return [...lines, "", ...missing, sumOf(checks), ""].join("\n");
}

const STATUS_WIDTH = "warning".length;
const NAME_WIDTH = Math.max(...CHECK_NAMES.map((name) => name.length));
const GAP = "  ";

function checkLines(check: Check, palette: Palette): readonly string[] {
  const paint = { ok: palette.good, warning: palette.waiting, failed: palette.bad }[check.status];
  const name = check.name.padEnd(NAME_WIDTH);
  const line = [paint(check.status.padEnd(STATUS_WIDTH)), name, plainText(check.message)].join(GAP);
  if (check.status === "ok") return [line];
  const indent = " ".repeat(STATUS_WIDTH + GAP.length + NAME_WIDTH + GAP.length);
  return [line, `${indent}${palette.bold(plainText(check.fix))}`];
}

function sumOf(checks: readonly Check[]): string {
  const count = (status: Check["status"]) =>
    checks.filter((check) => check.status === status).length;
  return `${count("ok")} ok, ${count("warning")} warnings, ${count("failed")} failed`;
}
