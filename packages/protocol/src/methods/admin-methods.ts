// Methods for users, keys and the audit; only the admin on the box may call them.
import * as z from "zod/mini";
import { AuditRow } from "../audit.ts";
import { LONGEST_KEY_LIFE_MS } from "../key-life.ts";
import { KEY_LABEL, KEY_LABEL_RULE } from "../names.ts";
import { ROLES } from "../role.ts";
import { ApiKey, IssuedKey, User, UserName } from "../user.ts";
import type { Method } from "./method.ts";

const Label = z.string().check(z.regex(KEY_LABEL, { error: KEY_LABEL_RULE }));
const KeyId = z.string().check(
  z.regex(/^[0-9a-hjkmnp-tv-z]{4}$/, {
    error: "a key's id is four symbols, as in `fetchml key list`",
  }),
);

const Hash = z.string().check(
  z.regex(/^[0-9a-f]{64}$/, {
    error: "a key's hash is 64 of 0-9 and a-f, in lower case",
  }),
);

/** How long a key is valid, in milliseconds, a minute to {@link LONGEST_KEY_LIFE_MS}; `null` means for ever. Default 180 days. */
const ValidMs = z.optional(z.nullable(z.int().check(z.gte(60_000), z.lte(LONGEST_KEY_LIFE_MS))));

const Rotation = {
  /** How long the old key still works, in milliseconds, 0 to 30 days; never beyond its own expiry. Default 24 hours. */
  grace_ms: z.optional(z.int().check(z.gte(0), z.lte(30 * 86_400_000))),
  /** The old key is known to others: it is revoked at once, whatever `grace_ms` says. */
  leaked: z.optional(z.boolean()),
};

/** Also cancel all unfinished jobs of the user. */
const cancel_jobs = z.optional(z.boolean());

/** Keys ended, live connections closed and jobs cancelled by one call. */
const Revoked = z.object({
  keys: z.array(ApiKey),
  closed_connections: z.int(),
  /** The started ones and the first 500 queued ones. */
  cancelled_jobs: z.array(z.int()),
  /** How many there were in all. */
  cancelled_count: z.int(),
});

/** Users, keys and the audit. */
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
      valid_ms: ValidMs,
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
    params: z.union([
      z.object({ id: KeyId, cancel_jobs }),
      z.object({ user: UserName, cancel_jobs }),
    ]),
    result: Revoked,
  },
  "key.rotate": {
    summary: "Issue a key in place of another, which works on for a while.",
    access: "local",
    params: z.union([
      z.object({ id: KeyId, ...Rotation }),
      /** The user must have exactly one valid key that was not replaced yet. */
      z.object({ user: UserName, ...Rotation }),
    ]),
    result: z.extend(IssuedKey, { old: ApiKey, closed_connections: z.int() }),
  },
  "key.import": {
    summary: "Take in a key that was issued before, by its id and hash.",
    access: "local",
    params: z.object({
      user: UserName,
      id: KeyId,
      api_key_hash: Hash,
      label: z.optional(Label),
      valid_ms: ValidMs,
    }),
    result: ApiKey,
  },
  "audit.list": {
    summary: "List what was done to users and keys and who was refused, newest first.",
    access: "local",
    params: z.object({
      /** Only rows at or after; epoch milliseconds. */
      since: z.optional(z.int()),
      /** At most this many, 1 to 1000. Default 100. */
      limit: z.optional(z.int().check(z.gte(1), z.lte(1000))),
      /** Only rows with a smaller id: the next page. */
      before_id: z.optional(z.int()),
    }),
    result: z.object({ entries: z.array(AuditRow), next_before_id: z.nullable(z.int()) }),
  },
} as const satisfies Record<string, Method>;
