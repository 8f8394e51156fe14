// Who makes a request, and what that allows.
import type { Access, Role } from "@fetchml/protocol";

/** A user who showed a valid key. */
export interface KeyHolder {
  readonly kind: "key";
  readonly userId: number;
  readonly user: string;
  readonly role: Role;
  readonly keyId: string;
  readonly keyLabel: string | null;
  /** When the key stops to work, by expiry or because its grace is over; epoch milliseconds, `null` means never. */
  readonly keyExpiresAt: number | null;
  /** Id of the key that has taken its place; it works until its grace is over. */
  readonly keySupersededBy: string | null;
}

/** Whoever may open the server's own socket on the box: the admin. */
export interface LocalAdmin {
  readonly kind: "local";
  /** Name of the account on the box, for the audit. */
  readonly user: string;
}

/** Whoever makes a request. */
export type Principal = KeyHolder | LocalAdmin;

const RANK: Readonly<Record<Access, number>> = { viewer: 0, member: 1, admin: 2, local: 3 };

/** Whether the principal may call a method of that access. */
export function mayCall(principal: Principal, access: Access): boolean {
  return RANK[principal.kind === "local" ? "local" : principal.role] >= RANK[access];
}

/** Whether the principal may see and do everything with everyone's jobs. */
export function isAdmin(principal: Principal): boolean {
  return principal.kind === "local" || principal.role === "admin";
}

/** Whether the principal owns what belongs to that user. */
export function isOwner(principal: Principal, ownerId: number): boolean {
  return principal.kind === "key" && principal.userId === ownerId;
}

/** Whether the principal may cancel, hold, edit a job of that owner and see its code, command, environment and outputs. */
export function mayControl(principal: Principal, ownerId: number): boolean {
  return (
    isAdmin(principal) ||
    (isOwner(principal, ownerId) && principal.kind === "key" && principal.role !== "viewer")
  );
}

/** Whether the principal may see a job's command, code and environment. A viewer sees the own ones of earlier days. */
export function maySeePrivate(principal: Principal, ownerId: number): boolean {
  return isAdmin(principal) || isOwner(principal, ownerId);
}

/** Whether the principal may read the log of a job of that owner: owner, admin, and viewers of everyone's. */
export function mayReadLog(principal: Principal, ownerId: number): boolean {
  return (
    maySeePrivate(principal, ownerId) || (principal.kind === "key" && principal.role === "viewer")
  );
}
