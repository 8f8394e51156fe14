// Statements about users.
import type { Role } from "@fetchml/protocol";
import type { Database } from "./database.ts";

/** One row of `users`. Times are epoch milliseconds. */
export interface UserRow {
  readonly id: number;
  readonly name: string;
  readonly role: Role;
  readonly created_at: number;
  readonly disabled_at: number | null;
  readonly removed_at: number | null;
}

const COLUMNS = "id, name, role, created_at, disabled_at, removed_at";

/** The user of that name, removed ones too. */
export function userByName(db: Database, name: string): UserRow | null {
  return db.get<UserRow>(`SELECT ${COLUMNS} FROM users WHERE name = $name`, { name });
}

/** Users that were not removed, by name. */
export function listUsers(db: Database): UserRow[] {
  return db.all<UserRow>(`SELECT ${COLUMNS} FROM users WHERE removed_at IS NULL ORDER BY name`);
}

/** Adds a user; answers the id. */
export function insertUser(
  db: Database,
  user: { readonly name: string; readonly role: Role; readonly created_at: number },
): number {
  return db.run("INSERT INTO users (name, role, created_at) VALUES ($name, $role, $created_at)", {
    ...user,
  }).id;
}

/** Gives a user another role. */
export function setRole(db: Database, id: number, role: Role): void {
  db.run("UPDATE users SET role = $role WHERE id = $id", { id, role });
}

/** Disables a user since a time, or enables with `null`. */
export function setDisabledAt(db: Database, id: number, at: number | null): void {
  db.run("UPDATE users SET disabled_at = $at WHERE id = $id", { id, at });
}

/** Removes a user since a time, or brings the user back with `null`. */
export function setRemovedAt(db: Database, id: number, at: number | null): void {
  db.run("UPDATE users SET removed_at = $at WHERE id = $id", { id, at });
}
