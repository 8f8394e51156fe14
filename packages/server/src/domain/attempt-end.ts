// How an attempt ended, as an executor tells it.
import type { Outcome } from "@fetchml/protocol";

/**
 * How an attempt ended as far as the executor can tell. `cancelled` names nobody: only the queue knows who asked.
 */
export type AttemptEnd =
  | Exclude<Outcome, { readonly kind: "cancelled" | "preempted" }>
  | { readonly kind: "cancelled"; readonly exit_code: number | null };
