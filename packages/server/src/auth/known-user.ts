// Finds a user who is still there, or says what to do.
import { FetchmlError } from "@fetchml/protocol";
import type { Database } from "../store/database.ts";
import { userByName, type UserRow } from "../store/users.ts";

/**
 * The user of that name, disabled or not.
 * @throws FetchmlError user-not-found
 */
export function knownUser(db: Database, name: string): UserRow {
  const row = userByName(db, name);
  if (row === null) {
    throw new FetchmlError(
      "user-not-found",
      `There is no user ${name}. "fetchml user list" shows the users, "fetchml user add ${name}" adds one.`,
    );
  }
  if (row.removed_at !== null) {
    throw new FetchmlError(
      "user-not-found",
      `The user ${name} was removed and does not come back. Add the person under another name: "fetchml user add NAME".`,
    );
  }
  return row;
}
