// Calls about users, for the admin on the box.
import { actorOf } from "../../auth/audited.ts";
import { disableUser, enableUser, removeUser, setUserRole } from "../../auth/user-changes.ts";
import { addUser, listUsers } from "../../auth/users.ts";
import type { Caller, Handlers } from "./handler.ts";

type UserMethod =
  "user.add" | "user.list" | "user.set-role" | "user.disable" | "user.enable" | "user.remove";

/** Handlers of the calls about users. */
export const userHandlers: Handlers<UserMethod> = {
  "user.add": ({ auth }, caller, { user, role }) => addUser(auth, by(caller), { name: user, role }),

  "user.list": async ({ auth }) => ({ users: await listUsers(auth) }),

  "user.set-role": ({ auth }, caller, { user, role }) =>
    setUserRole(auth, by(caller), { name: user, role }),

  "user.disable": ({ auth }, caller, { user }) => disableUser(auth, by(caller), user),

  "user.enable": ({ auth }, caller, { user }) => enableUser(auth, by(caller), user),

  "user.remove": async ({ auth, secrets }, caller, { user }) => {
    const removed = await removeUser(auth, by(caller), user);
    await secrets.removeAll(user);
    return removed;
  },
};

function by({ principal, address }: Caller) {
  return actorOf(principal, address);
}
