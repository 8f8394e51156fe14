// Methods for the caller's own secrets, which jobs get as variables.
import * as z from "zod/mini";
import { SecretName } from "../secret-name.ts";
import type { Method } from "./method.ts";

/** A secret as lists show it: never its value. */
export const SecretEntry = z.object({
  name: z.string(),
  /** Epoch milliseconds. */
  updated_at: z.int(),
});

export type SecretEntry = z.infer<typeof SecretEntry>;

/** The caller's own secrets. No answer holds a value. */
export const secretMethods = {
  "secret.set": {
    summary: "Keep a secret for the caller's jobs, in the place of an earlier one of that name.",
    access: "member",
    params: z.object({
      name: SecretName,
      /** At most 32 KiB in UTF-8, no NUL. */
      value: z.string().check(z.minLength(1), z.maxLength(32_768)),
    }),
    result: SecretEntry,
  },
  "secret.list": {
    summary: "List the names of the caller's secrets.",
    access: "member",
    params: z.object({}),
    result: z.object({ secrets: z.array(SecretEntry) }),
  },
  "secret.remove": {
    summary: "Forget a secret.",
    access: "member",
    params: z.object({ name: SecretName }),
    result: z.object({ removed: z.boolean() }),
  },
} as const satisfies Record<string, Method>;
