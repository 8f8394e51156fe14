// A real store with users and keys, for the tests of this room.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { IssuedKey, Role } from "@fetchml/protocol";
import type { Database } from "../store/database.ts";
import { openStore } from "../store/open-store.ts";
import { silentLog, type Log } from "../telemetry/log.ts";
import type { Actor } from "./audited.ts";
import { Authenticator } from "./authenticate.ts";
import { Connections } from "./connections.ts";
import { systemRandomBytes, type AuthContext } from "./context.ts";
import { issueKey } from "./keys.ts";
import { addUser } from "./users.ts";

/** A clock that stands still until it is set. */
export class TestClock {
  #now: number;

  constructor(now = 1_800_000_000_000) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  advance(ms: number): void {
    this.#now += ms;
  }
}

/** The account that acts in these tests. */
export const BOX: Actor = { actor: "root", address: null };

export interface AuthFixture extends AuthContext {
  readonly db: Database;
  readonly clock: TestClock;
  readonly authenticator: Authenticator;
  readonly dataDir: string;
  /** Adds a user and issues a key. */
  give(user: string, role?: Role, validMs?: number | null): Promise<IssuedKey>;
  /** Closes the store and removes its folder. */
  close(): Promise<void>;
}

/** A store in a folder of its own. */
export function makeAuth(options: { readonly log?: Log } = {}): AuthFixture {
  const dataDir = mkdtempSync(join(tmpdir(), "fetchml-auth-"));
  const clock = new TestClock();
  const db = openStore(dataDir, clock.now());
  const connections = new Connections(clock);
  const ctx: AuthContext = { db, clock, connections, randomBytes: systemRandomBytes };
  const authenticator = new Authenticator({ ...ctx, log: options.log ?? silentLog });
  return {
    ...ctx,
    db,
    clock,
    authenticator,
    dataDir,
    give: async (user, role = "member", validMs) => {
      await addUser(ctx, BOX, { name: user, role });
      return issueKey(ctx, BOX, { user, valid_ms: validMs });
    },
    close: async () => {
      await authenticator.close();
      connections.close();
      db.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** The rows of the audit, oldest first. */
export function auditRows(db: Database): readonly {
  readonly actor: string;
  readonly action: string;
  readonly target: string | null;
  readonly ok: number;
  readonly reason: string | null;
}[] {
  return db.all("SELECT actor, action, target, ok, reason FROM audit ORDER BY id");
}
