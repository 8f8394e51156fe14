// The method table: every call the API has, with its shapes and who may make it.
import type * as z from "zod/mini";
import { adminMethods } from "./admin-methods.ts";
import { drainMethods } from "./drain-methods.ts";
import { execMethods } from "./exec-methods.ts";
import { jobMethods } from "./job-methods.ts";
import { logMethods } from "./log-methods.ts";
import { redoMethods } from "./redo-methods.ts";
import { outputMethods } from "./output-methods.ts";
import { ownKeyMethods } from "./own-key-methods.ts";
import { retentionMethods } from "./retention-methods.ts";
import { secretMethods } from "./secret-methods.ts";
import { serverMethods } from "./server-methods.ts";

/** The table itself. */
export const METHODS = {
  ...serverMethods,
  ...jobMethods,
  ...redoMethods,
  ...execMethods,
  ...logMethods,
  ...outputMethods,
  ...ownKeyMethods,
  ...secretMethods,
  ...retentionMethods,
  ...drainMethods,
  ...adminMethods,
} as const;

/** Name of a method, `noun.verb`. */
export type MethodName = keyof typeof METHODS;

/** What a caller sends. */
export type ParamsOf<M extends MethodName> = z.infer<(typeof METHODS)[M]["params"]>;

/** What the server answers. */
export type ResultOf<M extends MethodName> = z.infer<(typeof METHODS)[M]["result"]>;
