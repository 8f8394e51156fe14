// Adds and lists users.
import { FetchmlError, type Role, type User } from "@fetchml/protocol";
import { listKeys } from "../store/api-keys.ts";
import { insertUser, listUsers as storedUsers, userByName, type UserRow } from "../store/users.ts";
import { audited, type Actor } from "./audited.ts";
import type { AuthContext } from "./context.ts";
import { isValidKey } from "./keys.ts";

/**
 * Adds a user.
 * @throws FetchmlError conflict, when the name is or was somebody's
 */
export function addUser(
  ctx: AuthContext,
  by: Actor,
  { name, role }: { readonly name: string; readonly role: Role },
): Promise<User> {
  return audited(ctx, { ...by, action: "user.add", target: name }, () => {
    const taken = userByName(ctx.db, name);
    if (taken !== null) throw nameTaken(taken);
    insertUser(ctx.db, { name, role, created_at: ctx.clock.now() });
    return userNow(ctx, name);
  });
}

/** Users that were not removed, by name. */
export function listUsers(ctx: AuthContext): Promise<User[]> {
  return ctx.db.read(() => {
    const counts = new Map<string, number>();
    const now = ctx.clock.now();
    for (const key of listKeys(ctx.db, null)) {
      if (isValidKey(key, now)) counts.set(key.user, (counts.get(key.user) ?? 0) + 1);
    }
    return storedUsers(ctx.db).map((row) => userOf(row, counts.get(row.name) ?? 0));
  });
}

/** The user of that name, who exists, as the API tells it. */
export function userNow({ db, clock }: AuthContext, name: string): User {
  const row = userByName(db, name);
  if (row === null) throw new Error(`user ${name} was changed and is gone`);
  const now = clock.now();
  return userOf(row, listKeys(db, row.id).filter((key) => isValidKey(key, now)).length);
}

function userOf(row: UserRow, keyCount: number): User {
  const { name, role, created_at, disabled_at } = row;
  return { name, role, created_at, disabled_at, key_count: keyCount };
}

function nameTaken(row: UserRow): FetchmlError {
  const { name, role } = row;
  if (row.removed_at !== null) {
    return new FetchmlError(
      "conflict",
      `Cannot add ${name}: the name belonged to a user who was removed, and stays taken because jobs and files carry it.\nChoose another name.`,
    );
  }
  return new FetchmlError(
    "conflict",
    `Cannot add ${name}: there is such a user already, with the role ${role}.\n"fetchml user set-role ${name} ROLE" changes the role, "fetchml key issue ${name}" makes a key.`,
  );
}
