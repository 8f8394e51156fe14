// Methods for users and keys; only the admin on the box may call them.
import * as z from "zod/mini";
import { ROLES } from "../role.ts";
import { ApiKey, IssuedKey, User, UserName } from "../user.ts";
import type { Method } from "./method.ts";

const Label = z.string().check(z.minLength(1), z.maxLength(64));
const KeyId = z.string().check(
  z.regex(/^[0-9a-hjkmnp-tv-z]{4}$/, {
    error: "a key's id is four symbols, as in `fetchml key list`",
  }),
);

/** Keys ended and live connections closed by one call. */
const Revoked = z.object({ keys: z.array(ApiKey), closed_connections: z.int() });

/** Users and keys. */
export const adminMethods = {
  "user.add": {
    summary: "Add a user.",
    access: "local",
    params: z.object({ user: UserName, role: z.enum(ROLES) }),
    result: User,
  },
  "user.list": {
    summary: "List users by name.",
    access: "local",
    params: z.object({}),
    result: z.object({ users: z.array(User) }),
  },
  "user.set-role": {
    summary: "Give a user another role.",
    access: "local",
    params: z.object({ user: UserName, role: z.enum(ROLES) }),
    result: z.object({ user: User, closed_connections: z.int() }),
  },
  "user.disable": {
    summary: "Shut a user out; keys and jobs stay.",
    access: "local",
    params: z.object({ user: UserName }),
    result: z.object({ user: User, closed_connections: z.int() }),
  },
  "user.enable": {
    summary: "Let a disabled user in again.",
    access: "local",
    params: z.object({ user: UserName }),
    result: User,
  },
  "user.remove": {
    summary: "Remove a user who has no unfinished jobs, and revoke the user's keys.",
    access: "local",
    params: z.object({ user: UserName }),
    result: z.object({ user: User, closed_connections: z.int() }),
  },
  "key.issue": {
    summary: "Issue a key to a user; the only answer that shows it.",
    access: "local",
    params: z.object({
      user: UserName,
      label: z.optional(Label),
      /** How long it is valid, in milliseconds; `null` means for ever. Default 180 days. */
      valid_ms: z.optional(z.nullable(z.int().check(z.gte(60_000)))),
    }),
    result: IssuedKey,
  },
  "key.list": {
    summary: "List keys, of one user or of all.",
    access: "local",
    params: z.object({ user: z.optional(UserName) }),
    result: z.object({ keys: z.array(ApiKey) }),
  },
  "key.revoke": {
    summary: "Revoke a key, or all keys of a user, and close their connections.",
    access: "local",
    params: z.union([z.object({ id: KeyId }), z.object({ user: UserName })]),
    result: Revoked,
  },
} as const satisfies Record<string, Method>;
