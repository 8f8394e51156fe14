// One line of the audit: who did what.
import * as z from "zod/mini";

/** A row is added and never changed. It never holds a key or a hash. */
export const AuditRow = z.object({
  id: z.int(),
  /** Epoch milliseconds. */
  at: z.int(),
  /** A key's id, the account on the box, or `unknown` for whoever showed no known key. */
  actor: z.string(),
  /** The method, such as `key.revoke`; or `authenticate`. */
  action: z.string(),
  target: z.nullable(z.string()),
  /** Where the call came from; `null` on the box itself. */
  address: z.nullable(z.string()),
  ok: z.boolean(),
  /** Why it was refused: an error code; of refused authentication with how many more there were. */
  reason: z.nullable(z.string()),
});

export type AuditRow = z.infer<typeof AuditRow>;
