// The bounds of an attempt as its control folder keeps them, so that they outlive the server that started it.
import type { AttemptLimits } from "../../domain/guard-rules.ts";
import { readControl, writeControl } from "./control-files.ts";

/** The bounds that the server minds; the others are minded by the supervisor and the kernel. */
export type MindedLimits = Pick<AttemptLimits, "noOutputMs" | "maxDiskBytes">;

/** Writes `control/guards`: "NO_OUTPUT_MS MAX_DISK_BYTES", each a number or "-"; nothing where there is neither. */
export function writeGuards(control: string, { noOutputMs, maxDiskBytes }: MindedLimits): void {
  if (noOutputMs === null && maxDiskBytes === null) return;
  writeControl(control, "guards", `${noOutputMs ?? "-"} ${maxDiskBytes ?? "-"}`);
}

/** Reads them; `null` where there is none to mind. */
export function readGuards(control: string): MindedLimits | null {
  const text = readControl(control, "guards")?.text ?? "";
  const match = /^(-|\d{1,15}) (-|\d{1,16})$/.exec(text);
  if (match === null) return null;
  return { noOutputMs: numberOf(match[1]), maxDiskBytes: numberOf(match[2]) };
}

function numberOf(text = "-"): number | null {
  return text === "-" ? null : Number(text);
}
