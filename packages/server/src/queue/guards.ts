// Holds what jobs ask for to the admin's bounds.
import { FetchmlError, formatDuration } from "@fetchml/protocol";
import { DEFAULT_GUARDS, type GuardRules } from "../domain/guard-rules.ts";
import type { QueueContext } from "./context.ts";

/** The bounds as they are now. */
export function guardsOf({ guards }: Pick<QueueContext, "guards">): GuardRules {
  return guards?.() ?? DEFAULT_GUARDS;
}

/**
 * Refuses more time, or more silence, than the admin gives any job: better said at once than when the job is ended for it.
 * @throws FetchmlError impossible-request
 */
export function refuseUnbounded(
  asked: {
    readonly timeout_ms?: number | null | undefined;
    readonly no_output_ms?: number | null | undefined;
  },
  rules: GuardRules,
): void {
  refuse(asked.timeout_ms, rules.maxTimeMs, { may: "run", option: "--timeout" });
  refuse(asked.no_output_ms, rules.noOutputMs, { may: "be silent", option: "--no-output" });
}

function refuse(
  asked: number | null | undefined,
  most: number | null,
  { may, option }: { readonly may: string; readonly option: string },
): void {
  if (asked === null || asked === undefined || most === null || asked <= most) return;
  throw new FetchmlError(
    "impossible-request",
    `This job asks to ${may} for ${formatDuration(asked)}, and no job of this box may for more than ${formatDuration(most)}.\nAsk for less with ${option}, or in ml.toml; an admin can extend the time of a running job.`,
  );
}
