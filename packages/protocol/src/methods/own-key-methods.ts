// Methods by which users look after their own keys.
import * as z from "zod/mini";
import { ApiKey } from "../user.ts";
import type { Method } from "./method.ts";

/** The caller's own keys. */
export const ownKeyMethods = {
  "own-key.list": {
    summary: "List the caller's keys.",
    access: "viewer",
    params: z.object({}),
    result: z.object({ keys: z.array(ApiKey) }),
  },
  "own-key.rotate": {
    summary: "Make a key in place of the one that calls; it takes over when it is first used.",
    access: "viewer",
    params: z.object({}),
    result: z.object({
      id: z.string(),
      /** Shown in this answer only. It must be used within an hour, else it is dead and the old one stays. */
      api_key: z.string(),
      expires_at: z.nullable(z.int()),
      /** The key that called. */
      old_id: z.string(),
      /** How long the old key works on after the first use of the new one, in milliseconds. */
      grace_ms: z.int(),
    }),
  },
} as const satisfies Record<string, Method>;
