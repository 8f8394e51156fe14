// `fetchml user …`: people who may use the server.
import { EXIT, FetchmlError, ROLES, type Role, type User } from "@fetchml/protocol";
import { callAsAdmin } from "./admin-call.ts";
import type { Invocation } from "./invocation.ts";
import { shownWord } from "./key-word.ts";
import { printJson, printTable, say, shownTime } from "./output.ts";
import { parseUserName } from "./user-name.ts";

/** `fetchml user add NAME [--role R]`. */
export async function addUser({ flags, positionals: [typed = ""] }: Invocation): Promise<number> {
  const user = parseUserName(typed, (name) => `fetchml user add ${name}`);
  const role = parseRole(flags["role"] ?? "member");
  const added = await callAsAdmin(flags, "user.add", { user, role });
  if (flags["json"] === true) printJson(added);
  say(
    `Added ${added.name} as ${added.role}. Give ${added.name} a key with: fetchml key issue ${added.name}`,
  );
  return EXIT.ok;
}

/** `fetchml user list`. */
export async function listUsers({ flags }: Invocation): Promise<number> {
  const { users } = await callAsAdmin(flags, "user.list", {});
  if (flags["json"] === true) {
    printJson(users);
    return EXIT.ok;
  }
  if (users.length === 0) say("No users yet. Add one with: fetchml user add NAME");
  else printTable(["NAME", "ROLE", "KEYS", "SINCE", ""], users.map(userCells));
  return EXIT.ok;
}

/** `fetchml user set-role NAME ROLE`. */
export async function setUserRole({
  flags,
  positionals: [typed = "", role = ""],
}: Invocation): Promise<number> {
  const user = parseUserName(typed, (name) => `fetchml user set-role ${name} ${role}`);
  const changed = await callAsAdmin(flags, "user.set-role", { user, role: parseRole(role) });
  if (flags["json"] === true) printJson(changed);
  say(`${user} is ${role} now. ${closedSentence(changed.closed_connections)}`);
  return EXIT.ok;
}

/** `fetchml user disable NAME`. */
export async function disableUser({
  flags,
  positionals: [typed = ""],
}: Invocation): Promise<number> {
  const user = parseUserName(typed, (name) => `fetchml user disable ${name}`);
  const changed = await callAsAdmin(flags, "user.disable", { user });
  if (flags["json"] === true) printJson(changed);
  say(
    `${user} is shut out. ${closedSentence(changed.closed_connections)} Running jobs go on; "fetchml user enable ${user}" undoes it.`,
  );
  return EXIT.ok;
}

/** `fetchml user enable NAME`. */
export async function enableUser({
  flags,
  positionals: [typed = ""],
}: Invocation): Promise<number> {
  const user = parseUserName(typed, (name) => `fetchml user enable ${name}`);
  const changed = await callAsAdmin(flags, "user.enable", { user });
  if (flags["json"] === true) printJson(changed);
  say(`${user} may come in again; keys that were not revoked work.`);
  return EXIT.ok;
}

/** `fetchml user remove NAME`. */
export async function removeUser({
  flags,
  positionals: [typed = ""],
}: Invocation): Promise<number> {
  const user = parseUserName(typed, (name) => `fetchml user remove ${name}`);
  const changed = await callAsAdmin(flags, "user.remove", { user });
  if (flags["json"] === true) printJson(changed);
  say(`Removed ${user} and revoked ${user}'s keys. ${closedSentence(changed.closed_connections)}`);
  return EXIT.ok;
}

/** How many live connections a change has closed, as a sentence. */
export function closedSentence(count: number): string {
  return count === 1 ? "1 live connection was closed." : `${count} live connections were closed.`;
}

function parseRole(text: string | boolean): Role {
  const role = ROLES.find((each) => each === text);
  if (role !== undefined) return role;
  throw new FetchmlError(
    "usage",
    `A role is one of ${ROLES.join(", ")}; not ${shownWord(String(text))}.`,
  );
}

function userCells(user: User): readonly string[] {
  return [
    user.name,
    user.role,
    String(user.key_count),
    shownTime(user.created_at),
    user.disabled_at === null ? "" : `disabled ${shownTime(user.disabled_at)}`,
  ];
}
