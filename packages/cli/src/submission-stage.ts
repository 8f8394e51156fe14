// How far a submission is, and what is true of it when it is interrupted there.
import type { FrozenProject } from "@fetchml/client/project";

/** How far a submission is; changed as it goes on. */
export interface Stage {
  at: "reading" | "asking" | "sending";
  /** Whether a question may have reached the server. */
  isConnected: boolean;
  /** The project as it was read; `null` until then. */
  frozen: FrozenProject | null;
  /** Takes off the screen what is not to stay there. */
  clear: () => void;
}

/** Of a submission that begins. */
export function beginStage(): Stage {
  return { at: "reading", isConnected: false, frozen: null, clear: () => undefined };
}

/** Whether anything was queued, as a sentence. */
export function interruptWords({ at, isConnected }: Pick<Stage, "at" | "isConnected">): string {
  if (at === "sending") return "Nothing was queued; the same command goes on from there.";
  const mayBeQueued = at === "asking" && isConnected;
  return mayBeQueued
    ? 'The job may have been queued: "ml queue" shows it if it was.'
    : "Nothing was queued.";
}
