// What every act on users and keys works with.
import { randomBytes } from "node:crypto";
import type { RandomBytes } from "@fetchml/protocol";
import type { Clock } from "../domain/clock.ts";
import type { Database } from "../store/database.ts";
import type { Connections } from "./connections.ts";

/** The store and what else acts on users and keys need. */
export interface AuthContext {
  readonly db: Database;
  readonly clock: Clock;
  /** The live connections; with the server stopped an empty set of them. */
  readonly connections: Connections;
  readonly randomBytes: RandomBytes;
}

/** The system's generator, the only source for real keys. */
export const systemRandomBytes: RandomBytes = (count) => randomBytes(count);
