// What the table says of one method.
import type * as z from "zod/mini";
import type { Role } from "../role.ts";

/**
 * Who may call a method: users of at least that role, or `local`, only the admin on the box's own socket.
 * The local admin may call everything.
 */
export type Access = Role | "local";

/** One row of the method table. */
export interface Method {
  /** One line for help and documentation; an imperative sentence. */
  readonly summary: string;
  readonly access: Access;
  readonly params: z.ZodMiniType;
  readonly result: z.ZodMiniType;
}
