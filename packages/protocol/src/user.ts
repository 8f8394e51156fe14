// What the API says of users and their keys.
import * as z from "zod/mini";
import { USER_NAME } from "./names.ts";
import { ROLES } from "./role.ts";

/** A user's name as an admin may give it. */
export const UserName = z.string().check(
  z.regex(USER_NAME, {
    error:
      "a user name is 1 to 32 of a-z, 0-9, '.', '_' and '-', and starts with a letter or digit",
  }),
);

/** Times are epoch milliseconds. */
export const User = z.object({
  name: z.string(),
  role: z.enum(ROLES),
  created_at: z.int(),
  disabled_at: z.nullable(z.int()),
  /** Keys that are valid now. */
  key_count: z.int(),
});

export type User = z.infer<typeof User>;

/** A key as lists show it: never the key, never its hash. */
export const ApiKey = z.object({
  /** The four public symbols after `fetchml_`. */
  id: z.string(),
  user: z.string(),
  label: z.nullable(z.string()),
  created_at: z.int(),
  expires_at: z.nullable(z.int()),
  revoked_at: z.nullable(z.int()),
  /** Id of the key that has taken its place; it still works until `valid_until`. */
  superseded_by: z.nullable(z.string()),
  /** Until when it works if nobody revokes it: the earliest of expiry, end of grace and deadline of a pending key; `null` is for ever. */
  valid_until: z.nullable(z.int()),
  /** Made by `own-key.rotate` and not used yet: its first use makes it the key, and starts the grace of the old one. */
  pending: z.boolean(),
  last_used_at: z.nullable(z.int()),
  last_used_address: z.nullable(z.string()),
  last_used_client: z.nullable(z.string()),
});

export type ApiKey = z.infer<typeof ApiKey>;

/** The one answer that shows a key. */
export const IssuedKey = z.object({
  id: z.string(),
  api_key: z.string(),
  api_key_hash: z.string(),
  user: z.string(),
  expires_at: z.nullable(z.int()),
});

export type IssuedKey = z.infer<typeof IssuedKey>;
