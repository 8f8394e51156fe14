// Changes what a user may do, to the user's removal; open connections end with the change.
import { FetchmlError, type Role, type User } from "@fetchml/protocol";
import { listKeys, revokeKey } from "../store/api-keys.ts";
import { unfinishedJobsOfUser } from "../store/jobs-read.ts";
import { setDisabledAt, setRemovedAt, setRole, type UserRow } from "../store/users.ts";
import { audited, type Actor } from "./audited.ts";
import type { ConnectionEnd } from "./connections.ts";
import type { AuthContext } from "./context.ts";
import { knownUser } from "./known-user.ts";
import { userNow } from "./users.ts";

/** A user after a change, and how many of the user's connections it has closed. */
export interface UserChange {
  readonly user: User;
  readonly closed_connections: number;
}

/**
 * Gives a user another role and closes the user's connections; nothing happens when it is the same.
 * @throws FetchmlError user-not-found
 */
export function setUserRole(
  ctx: AuthContext,
  by: Actor,
  { name, role }: { readonly name: string; readonly role: Role },
): Promise<UserChange> {
  const act = { ...by, action: "user.set-role", target: `${name} ${role}` };
  return change(ctx, act, {
    name,
    why: "role-changed",
    work: (row) => {
      if (row.role === role) return false;
      setRole(ctx.db, row.id, role);
      return true;
    },
  });
}

/**
 * Shuts a user out; keys and jobs stay.
 * @throws FetchmlError user-not-found
 */
export function disableUser(ctx: AuthContext, by: Actor, name: string): Promise<UserChange> {
  const act = { ...by, action: "user.disable", target: name };
  return change(ctx, act, {
    name,
    why: "user-disabled",
    work: (row) => {
      if (row.disabled_at !== null) return false;
      setDisabledAt(ctx.db, row.id, ctx.clock.now());
      return true;
    },
  });
}

/**
 * Lets a disabled user in again. A removed one stays removed.
 * @throws FetchmlError user-not-found
 */
export function enableUser(ctx: AuthContext, by: Actor, name: string): Promise<User> {
  return audited(ctx, { ...by, action: "user.enable", target: name }, () => {
    setDisabledAt(ctx.db, knownUser(ctx.db, name).id, null);
    return userNow(ctx, name);
  });
}

/**
 * Removes a user and revokes the user's keys. The name stays taken.
 * @throws FetchmlError user-not-found, conflict (there are unfinished jobs)
 */
export function removeUser(ctx: AuthContext, by: Actor, name: string): Promise<UserChange> {
  const act = { ...by, action: "user.remove", target: name };
  return change(ctx, act, {
    name,
    why: "user-removed",
    work: (row) => {
      const unfinished = unfinishedJobsOfUser(ctx.db, row.id, MOST_COUNTED + 1).map(({ id }) => id);
      if (unfinished.length > 0) throw hasUnfinishedJobs(name, unfinished);
      const now = ctx.clock.now();
      for (const key of listKeys(ctx.db, row.id)) revokeKey(ctx.db, key.id, now);
      setRemovedAt(ctx.db, row.id, now);
      return true;
    },
  });
}

async function change(
  ctx: AuthContext,
  act: Actor & { readonly action: string; readonly target: string },
  {
    name,
    why,
    work,
  }: {
    readonly name: string;
    readonly why: ConnectionEnd;
    /** Answers whether it has changed anything. */
    readonly work: (row: UserRow) => boolean;
  },
): Promise<UserChange> {
  let closed = 0;
  const user = await audited(ctx, act, () => {
    const row = knownUser(ctx.db, name);
    if (work(row)) {
      ctx.db.afterCommit(() => {
        closed = ctx.connections.endUser(row.id, why);
      });
    }
    return userNow(ctx, name);
  });
  return { user, closed_connections: closed };
}

/** Unfinished jobs that are counted: there may be a million. */
const MOST_COUNTED = 100;

function hasUnfinishedJobs(name: string, ids: readonly number[]): FetchmlError {
  const some = ids.slice(0, 10).join(" ");
  const count = ids.length > MOST_COUNTED ? `more than ${MOST_COUNTED}` : `${ids.length}`;
  return new FetchmlError(
    "conflict",
    `Cannot remove ${name}: ${ids.length === 1 ? "a job has" : `${count} jobs have`} not ended (${some}${ids.length > 10 ? " …" : ""}).\nLet them end, or have an admin cancel them: "ml cancel ${some}". "fetchml user disable ${name}" shuts ${name} out meanwhile.`,
    { details: { jobs: ids.slice(0, MOST_COUNTED).map(String) } },
  );
}
