// Keys rotated by the admin: the new one at once, the old one until its grace is over.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { ErrorCode, IssuedKey } from "@fetchml/protocol";
import { auditRows, BOX, makeAuth, type AuthFixture } from "./auth.fixture.ts";
import { issueKey, listApiKeys, revokeKeys } from "./keys.ts";
import { rotateOwnKey } from "./own-keys.ts";
import { rotateKey } from "./rotate-key.ts";
import { disableUser, removeUser } from "./user-changes.ts";
import { addUser } from "./users.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let auth: AuthFixture;
let alice: IssuedKey;

beforeEach(async () => {
  auth = makeAuth();
  await addUser(auth, BOX, { name: "alice", role: "member" });
  alice = await issueKey(auth, BOX, { user: "alice", label: "laptop", valid_ms: 90 * DAY });
});
afterEach(() => auth.close());

const show = (key: { readonly api_key: string }) =>
  auth.authenticator.authenticate({
    authorization: `Bearer ${key.api_key}`,
    address: "127.0.0.1",
    client: null,
  });
const stateOf = (key: { readonly api_key: string }): Promise<ErrorCode | "ok"> =>
  show(key).then(
    () => "ok",
    ({ code }: { code: ErrorCode }) => code,
  );
const states = (...keys: { readonly api_key: string }[]) => Promise.all(keys.map(stateOf));

describe("rotateKey()", () => {
  test("makes a key of the same label and length of life, and shows it", async () => {
    auth.clock.advance(60 * DAY);
    const fresh = await rotateKey(auth, BOX, { id: alice.id });
    expect(fresh).toMatchObject({ user: "alice", expires_at: auth.clock.now() + 90 * DAY });
    const listed = (await listApiKeys(auth, "alice")).find(({ id }) => id === fresh.id);
    expect(listed).toMatchObject({ label: "laptop", pending: false, superseded_by: null });
    const forever = await issueKey(auth, BOX, { user: "alice", valid_ms: null });
    expect((await rotateKey(auth, BOX, { id: forever.id })).expires_at).toBeNull();
  });

  test("lets both work for 24 hours, to the very millisecond, and then the new one alone", async () => {
    const fresh = await rotateKey(auth, BOX, { id: alice.id });
    expect(fresh.old).toMatchObject({
      id: alice.id,
      superseded_by: fresh.id,
      valid_until: auth.clock.now() + DAY,
      revoked_at: null,
    });
    expect(await states(alice, fresh)).toEqual(["ok", "ok"]);
    auth.clock.advance(DAY - 1);
    expect(await states(alice, fresh)).toEqual(["ok", "ok"]);
    auth.clock.advance(1);
    expect(await states(alice, fresh)).toEqual(["key-expired", "ok"]);
  });

  test("never lets the old key outlive its own expiry", async () => {
    auth.clock.advance(90 * DAY - HOUR);
    const fresh = await rotateKey(auth, BOX, { id: alice.id, grace_ms: 30 * DAY });
    expect(fresh.old.valid_until).toBe(alice.expires_at);
    auth.clock.advance(HOUR);
    expect(await states(alice, fresh)).toEqual(["key-expired", "ok"]);
    // And tells its holder of the new key, not to ask for one.
    expect(String(await show(alice).catch((error: unknown) => error))).toContain(
      `was replaced by ${fresh.id}`,
    );
  });

  test("of a leaked key revokes it at once and closes its connections, whatever the grace", async () => {
    const ends: string[] = [];
    const end = (why: string) => ends.push(why);
    auth.connections.add({ keyId: alice.id, userId: 1, expiresAt: null, end });
    const fresh = await rotateKey(auth, BOX, { id: alice.id, leaked: true, grace_ms: DAY });
    expect(fresh).toMatchObject({
      closed_connections: 1,
      old: { revoked_at: auth.clock.now(), superseded_by: fresh.id },
    });
    expect(ends).toEqual(["key-revoked"]);
    expect(await states(alice, fresh)).toEqual(["key-revoked", "ok"]);
  });

  test("of a leaked key ends the key that a thief has made of it but not used", async () => {
    const stolen = await rotateOwnKey(auth, await show(alice), "10.0.0.1");
    const fresh = await rotateKey(auth, BOX, { id: alice.id, leaked: true });
    expect(await states(alice, stolen, fresh)).toEqual(["key-revoked", "key-revoked", "ok"]);
  });

  test("with a grace of nothing ends the old key without calling it revoked", async () => {
    const ends: string[] = [];
    const end = (why: string) => ends.push(why);
    auth.connections.add({ keyId: alice.id, userId: 1, expiresAt: null, end });
    const fresh = await rotateKey(auth, BOX, { id: alice.id, grace_ms: 0 });
    expect(fresh.closed_connections).toBe(1);
    expect(ends).toEqual(["key-replaced"]);
    expect(await states(alice, fresh)).toEqual(["key-expired", "ok"]);
  });

  test("leaves two valid at most: the one before the old one ends at once", async () => {
    const second = await rotateKey(auth, BOX, { id: alice.id });
    const third = await rotateKey(auth, BOX, { id: second.id });
    expect(await states(alice, second, third)).toEqual(["key-expired", "ok", "ok"]);
  });

  test("done by two admins at once succeeds for one, and makes one key", async () => {
    const both = await Promise.allSettled([
      rotateKey(auth, BOX, { id: alice.id }),
      rotateKey(auth, BOX, { id: alice.id }),
    ]);
    expect(both.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    expect(both[1]).toMatchObject({ reason: { code: "conflict" } });
    expect(await listApiKeys(auth, "alice")).toHaveLength(2);
  });

  test("by the user takes the one key that is valid and not replaced", async () => {
    const second = await rotateKey(auth, BOX, { user: "alice" });
    expect(second.old.id).toBe(alice.id);
    const third = await rotateKey(auth, BOX, { user: "alice" });
    expect(third.old.id).toBe(second.id);
  });

  test("by the user is refused where several fit, with their ids, and where none does", async () => {
    auth.clock.advance(1); // lists go by the time of issue
    const other = await issueKey(auth, BOX, { user: "alice" });
    expect(
      await rotateKey(auth, BOX, { user: "alice" }).catch((error: unknown) => error),
    ).toMatchObject({
      code: "conflict",
      message: expect.stringContaining(`${alice.id} (laptop), ${other.id}`),
      details: { ids: [alice.id, other.id] },
    });
    await revokeKeys(auth, BOX, { user: "alice" });
    expect(
      await rotateKey(auth, BOX, { user: "alice" }).catch((error: unknown) => error),
    ).toMatchObject({
      code: "conflict",
      message: expect.stringContaining("fetchml key issue alice"),
    });
  });

  test("refuses a key that is revoked, expired, replaced or pending, and says what to do", async () => {
    const brief = await issueKey(auth, BOX, { user: "alice", valid_ms: 60_000 });
    const revoked = await issueKey(auth, BOX, { user: "alice" });
    await revokeKeys(auth, BOX, { id: revoked.id });
    const pending = await rotateOwnKey(auth, await show(alice), null);
    auth.clock.advance(60_000);
    const replaced = await issueKey(auth, BOX, { user: "alice" });
    const heir = await rotateKey(auth, BOX, { id: replaced.id });
    for (const [id, next] of [
      [brief.id, "fetchml key issue alice"],
      [revoked.id, "fetchml key issue alice"],
      [pending.id, alice.id],
      [replaced.id, `fetchml key rotate ${heir.id} --leaked`],
    ] as const) {
      expect(await rotateKey(auth, BOX, { id }).catch((error: unknown) => error)).toMatchObject({
        code: "conflict",
        message: expect.stringContaining(next),
      });
    }
    expect(
      await rotateKey(auth, BOX, { id: "0000" }).catch((error: unknown) => error),
    ).toMatchObject({
      code: "key-not-found",
    });
    await disableUser(auth, BOX, "alice");
    expect(
      await rotateKey(auth, BOX, { id: alice.id }).catch((error: unknown) => error),
    ).toMatchObject({
      code: "conflict",
      message: expect.stringContaining("fetchml user enable alice"),
    });
    await removeUser(auth, BOX, "alice");
    expect(
      await rotateKey(auth, BOX, { id: alice.id }).catch((error: unknown) => error),
    ).toMatchObject({
      code: "conflict",
      message: expect.stringContaining("its user alice was removed"),
    });
  });

  test("is in the audit, done or refused, without a key or a hash", async () => {
    const fresh = await rotateKey(auth, BOX, { id: alice.id });
    await rotateKey(auth, BOX, { id: alice.id }).catch(() => undefined);
    const rows = auditRows(auth.db).filter(({ action }) => action === "key.rotate");
    expect(rows).toMatchObject([
      { actor: "root", target: `${alice.id} -> ${fresh.id}`, ok: 1 },
      { ok: 0, reason: "conflict" },
    ]);
    const told = JSON.stringify(rows);
    expect(told).not.toContain(fresh.api_key.slice(12, 38));
    expect(told).not.toContain(fresh.api_key_hash);
  });

  test("changes nothing when it cannot be stored whole", async () => {
    auth.db.runScript(
      "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END",
    );
    expect(
      String(
        await rotateKey(auth, BOX, { id: alice.id, leaked: true }).catch((error: unknown) => error),
      ),
    ).toContain("full");
    auth.db.runScript("DROP TRIGGER full");
    expect(await stateOf(alice)).toBe("ok");
    expect(await listApiKeys(auth, "alice")).toHaveLength(1);
  });
});
