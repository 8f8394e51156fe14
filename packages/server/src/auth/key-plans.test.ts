// No statement about users, keys or the audit may read a whole table, but those that list it: each one's plan is looked at.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { generateApiKey, hashApiKey, type IssuedKey } from "@fetchml/protocol";
import type { Database } from "../store/database.ts";
import { silentLog } from "../telemetry/log.ts";
import { BOX, makeAuth, type AuthFixture } from "./auth.fixture.ts";
import { Authenticator } from "./authenticate.ts";
import { systemRandomBytes, type AuthContext } from "./context.ts";
import { importKey } from "./import-key.ts";
import { issueKey, listApiKeys, revokeKeys } from "./keys.ts";
import { listAudit } from "./list-audit.ts";
import { listOwnKeys, rotateOwnKey } from "./own-keys.ts";
import { rotateKey } from "./rotate-key.ts";
import { disableUser, enableUser, removeUser, setUserRole } from "./user-changes.ts";
import { addUser, listUsers } from "./users.ts";

type Bindings = Parameters<Database["get"]>[1];

/** What answers with a whole table reads it. Nothing else does, and nothing that a request by a key runs. */
const LISTS: readonly RegExp[] = [
  /^SELECT id, name, .* FROM users WHERE removed_at IS NULL ORDER BY name$/,
  /FROM api_keys AS k JOIN users AS u ON u\.id = k\.user_id\s+ORDER BY u\.name, k\.created_at, k\.id$/,
];

let auth: AuthFixture;
/** Every statement that ran, with bindings that it ran with. */
const all = new Map<string, Bindings>();
/** Those that ran because somebody showed a key. */
const byKey = new Map<string, Bindings>();

beforeAll(async () => {
  auth = makeAuth();
  await liveThrough();
});
afterAll(() => auth.close());

describe("the plan of every statement about users, keys and the audit", () => {
  test("is known for every kind of act", () => {
    const about = (part: string) => [...all.keys()].filter((sql) => sql.includes(part)).length;
    expect(about("api_keys")).toBeGreaterThanOrEqual(15);
    expect(about("users")).toBeGreaterThanOrEqual(8);
    expect(about("audit")).toBeGreaterThanOrEqual(2);
  });

  test("scans no table but for lists of it", () => {
    expect(offendersOf(all).filter((each) => !isList(each.sql))).toEqual([]);
  });

  test("scans nothing at all when somebody shows a key", () => {
    expect(byKey.size).toBeGreaterThanOrEqual(6);
    expect(offendersOf(byKey)).toEqual([]);
  });

  test("finds a key by its id, a user's keys by the user, and the key that waits or was replaced by their own indexes", () => {
    expect(stepsOf("WHERE k.id = $id")).toContain("SEARCH k USING PRIMARY KEY (id=?)");
    expect(stepsOf("WHERE k.user_id = $userId")).toContain(
      "SEARCH k USING INDEX api_keys_by_user (user_id=?)",
    );
    expect(stepsOf("replaces = $id AND pending_until IS NOT NULL")).toEqual([
      expect.stringContaining("USING INDEX api_keys_pending (replaces=?)"),
    ]);
    expect(stepsOf("superseded_by = $id AND revoked_at IS NULL")).toEqual([
      expect.stringContaining("USING INDEX api_keys_by_successor (superseded_by=?)"),
    ]);
    expect(stepsOf("WHERE api_key_hash = $hash")).toEqual([
      expect.stringMatching(/^SEARCH api_keys USING (?:COVERING )?INDEX \w+ \(api_key_hash=\?\)$/),
    ]);
  });

  test("reads a page of the audit backwards from its end, and sorts nothing", () => {
    const steps = stepsOf("FROM audit");
    expect(steps).toEqual([expect.stringMatching(/^SEARCH audit USING INTEGER PRIMARY KEY /)]);
  });

  test("is looked at in truth: a statement without an index would be found", () => {
    const sql = "SELECT id FROM api_keys WHERE label = 'x'";
    expect(offendersOf(new Map([[sql, {}]]))).toHaveLength(1);
    expect(isList(sql)).toBe(false);
  });
});

function isList(sql: string): boolean {
  return LISTS.some((list) => list.test(sql));
}

function offendersOf(statements: ReadonlyMap<string, Bindings>) {
  return [...statements].flatMap(([sql, bindings]) =>
    planOf(sql, bindings)
      // A SEARCH that uses nothing reads the table too: min() and max() are planned so.
      .filter((step) => /^SCAN|^SEARCH \w+$/.test(step) && step !== "SCAN CONSTANT ROW")
      .map((step) => ({ step, sql })),
  );
}

/** The steps of the statements that hold this text. */
function stepsOf(part: string): readonly string[] {
  const found = [...all].filter(([sql]) => sql.includes(part));
  if (found.length === 0) throw new Error(`no statement has ${part}`);
  return [...new Set(found.flatMap(([sql, bindings]) => planOf(sql, bindings)))];
}

function planOf(sql: string, bindings: Bindings): readonly string[] {
  const plan = auth.db.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, bindings);
  return plan.map(({ detail }) => detail);
}

/** The database, noting every statement that runs on it. */
function recording(into: Map<string, Bindings>): Database {
  const noted = new Set(["get", "all", "iterate", "run"]);
  return new Proxy(auth.db, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        const [sql, bindings] = args;
        if (noted.has(String(name)) && typeof sql === "string") {
          // The second argument of these four methods, by their signature.
          into.set(sql, (bindings ?? {}) as Bindings);
        }
        return Reflect.apply(member, target, args);
      };
    },
  });
}

/** Does, once at least, all that is ever done to users and keys. */
async function liveThrough(): Promise<void> {
  const ctx: AuthContext = { ...auth, db: recording(all) };
  await addUser(ctx, BOX, { name: "alice", role: "member" });
  await addUser(ctx, BOX, { name: "bob", role: "member" });
  const first = await issueKey(ctx, BOX, { user: "alice", label: "laptop" });
  await showInEveryWay(first);
  const rotated = await issueKey(ctx, BOX, { user: "bob" });
  await rotateKey(ctx, BOX, { id: rotated.id });
  await rotateKey(ctx, BOX, { user: "alice" });
  await rotateKey(ctx, BOX, { user: "alice", leaked: true });
  const apiKeyHash = hashApiKey(generateApiKey({ id: "zzzz", randomBytes: systemRandomBytes }));
  await importKey(ctx, BOX, { user: "alice", id: "zzzz", api_key_hash: apiKeyHash });
  await listApiKeys(ctx, "alice");
  await listApiKeys(ctx, undefined);
  await revokeKeys(ctx, BOX, { id: rotated.id });
  await revokeKeys(ctx, BOX, { user: "alice" });
  await listUsers(ctx);
  await setUserRole(ctx, BOX, { name: "bob", role: "viewer" });
  await disableUser(ctx, BOX, "bob");
  await enableUser(ctx, BOX, "bob");
  await removeUser(ctx, BOX, "bob");
  for (const wish of [{}, { since: 0 }, { before_id: 5 }, { since: 0, before_id: 5 }]) {
    await listAudit(ctx, wish);
  }
  for (const [sql, bindings] of byKey) all.set(sql, bindings);
}

/** A right key, a wrong one, an own rotation with its first use, and what is written down of all that. */
async function showInEveryWay(key: IssuedKey): Promise<void> {
  const db = recording(byKey);
  const authenticator = new Authenticator({ ...auth, db, log: silentLog });
  const show = (apiKey: string) =>
    authenticator.authenticate({
      authorization: `Bearer ${apiKey}`,
      address: "10.0.0.1",
      client: "test",
    });
  const holder = await show(key.api_key);
  authenticator.checkAgain(holder);
  const wrong = generateApiKey({ id: key.id, randomBytes: systemRandomBytes });
  expect(await show(wrong).catch((error: unknown) => error)).toBeInstanceOf(Error);
  const ctx = { ...auth, db };
  const made = await rotateOwnKey(ctx, holder, "10.0.0.1");
  await show(made.api_key);
  await listOwnKeys(ctx, holder);
  await authenticator.close();
}
