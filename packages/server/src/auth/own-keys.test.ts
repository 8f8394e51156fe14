// Keys that users take in place of their own: pending until used, so that a lost answer leaves nothing alive.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { ErrorCode, IssuedKey } from "@fetchml/protocol";
import { auditRows, BOX, makeAuth, type AuthFixture } from "./auth.fixture.ts";
import { issueKey, listApiKeys, revokeKeys } from "./keys.ts";
import { listOwnKeys, PENDING_MS, rotateOwnKey } from "./own-keys.ts";
import { rotateKey } from "./rotate-key.ts";
import { addUser } from "./users.ts";

const DAY = 86_400_000;

interface Held {
  readonly api_key: string;
}

let auth: AuthFixture;
let alice: IssuedKey;

beforeEach(async () => {
  auth = makeAuth();
  await addUser(auth, BOX, { name: "alice", role: "viewer" });
  alice = await issueKey(auth, BOX, { user: "alice", label: "laptop", valid_ms: 90 * DAY });
});
afterEach(() => auth.close());

const show = ({ api_key }: Held) =>
  auth.authenticator.authenticate({
    authorization: `Bearer ${api_key}`,
    address: "10.0.0.1",
    client: null,
  });
const stateOf = (key: Held): Promise<ErrorCode | "ok"> =>
  show(key).then(
    () => "ok",
    ({ code }: { code: ErrorCode }) => code,
  );
const rotate = async (key: Held) => rotateOwnKey(auth, await show(key), "10.0.0.1");
const listed = async (id: string) =>
  (await listApiKeys(auth, "alice")).find((key) => key.id === id);

describe("rotateOwnKey()", () => {
  test("makes a pending key of the same label and length of life, and changes nothing else", async () => {
    auth.clock.advance(10 * DAY);
    const fresh = await rotate(alice);
    const now = auth.clock.now();
    expect(fresh).toMatchObject({
      old_id: alice.id,
      expires_at: now + 90 * DAY,
      grace_ms: DAY,
    });
    expect(await listed(fresh.id)).toMatchObject({
      pending: true,
      label: "laptop",
      valid_until: now + PENDING_MS,
    });
    expect(await listed(alice.id)).toMatchObject({
      superseded_by: null,
      valid_until: alice.expires_at,
    });
    auth.clock.advance(30 * DAY);
    expect(await stateOf(alice)).toBe("ok");
  });

  test("takes the caller's place at the first use, and the grace begins then", async () => {
    const fresh = await rotate(alice);
    auth.clock.advance(PENDING_MS - 1);
    expect(await stateOf(fresh)).toBe("ok");
    const now = auth.clock.now();
    expect(await listed(fresh.id)).toMatchObject({ pending: false, valid_until: fresh.expires_at });
    expect(await listed(alice.id)).toMatchObject({
      superseded_by: fresh.id,
      valid_until: now + DAY,
    });
    auth.clock.advance(DAY - 1);
    expect(await stateOf(alice)).toBe("ok");
    auth.clock.advance(1);
    expect([await stateOf(alice), await stateOf(fresh)]).toEqual(["key-expired", "ok"]);
  });

  test("that was not used within the hour is dead, and the old key stays", async () => {
    const fresh = await rotate(alice);
    auth.clock.advance(PENDING_MS);
    expect(await stateOf(fresh)).toBe("key-expired");
    expect(await stateOf(alice)).toBe("ok");
    expect(await listed(alice.id)).toMatchObject({ superseded_by: null });
  });

  test("asked for again, as after a lost answer, ends the one that was never used", async () => {
    const lost = await rotate(alice);
    const fresh = await rotate(alice);
    expect(await stateOf(lost)).toBe("key-revoked");
    expect([await stateOf(fresh), await stateOf(alice)]).toEqual(["ok", "ok"]);
  });

  test("asked for again after the hour works too", async () => {
    await rotate(alice);
    auth.clock.advance(PENDING_MS);
    expect(await stateOf(await rotate(alice))).toBe("ok");
  });

  test("first used by many requests at once is used once, and lets all in", async () => {
    const fresh = await rotate(alice);
    const all = await Promise.all(Array.from({ length: 20 }, () => stateOf(fresh)));
    expect(new Set(all)).toEqual(new Set(["ok"]));
    const uses = auditRows(auth.db).filter(({ action }) => action === "own-key.first-use");
    expect(uses).toMatchObject([{ actor: fresh.id, target: `${alice.id} -> ${fresh.id}` }]);
  });

  test("lets nobody in with the new key while its first use cannot be stored; the old one goes on", async () => {
    const fresh = await rotate(alice);
    auth.db.runScript(
      "CREATE TRIGGER full BEFORE UPDATE ON api_keys BEGIN SELECT RAISE(ABORT, 'full'); END",
    );
    const tries = await Promise.allSettled([show(fresh), show(fresh)]);
    expect(tries.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(await stateOf(alice)).toBe("ok");
    auth.db.runScript("DROP TRIGGER full");
    expect(await stateOf(fresh)).toBe("ok");
  });

  test("dies with the old key when that is revoked before the first use", async () => {
    const fresh = await rotate(alice);
    const { keys } = await revokeKeys(auth, BOX, { id: alice.id });
    expect(keys.map(({ id }) => id)).toEqual([alice.id, fresh.id]);
    expect(await stateOf(fresh)).toBe("key-revoked");
  });

  test("outlives the old key's own expiry", async () => {
    auth.clock.advance(90 * DAY - 1000);
    const fresh = await rotate(alice);
    auth.clock.advance(1000);
    expect([await stateOf(alice), await stateOf(fresh)]).toEqual(["key-expired", "ok"]);
  });

  test("is refused to a key that was replaced: whoever has that one goes on with the new one", async () => {
    const fresh = await rotateKey(auth, BOX, { id: alice.id });
    expect(await rotate(alice).catch((error: unknown) => error)).toMatchObject({
      code: "conflict",
      message: expect.stringContaining(fresh.id),
    });
  });

  test("leaves two keys valid at most, however often it is done", async () => {
    const second = await rotate(alice);
    const third = await rotate(second);
    expect(await stateOf(third)).toBe("ok");
    expect([await stateOf(alice), await stateOf(second)]).toEqual(["key-expired", "ok"]);
  });

  test("brings the end of the old key's connections nearer", async () => {
    const ends: string[] = [];
    const live = {
      keyId: alice.id,
      userId: 1,
      expiresAt: alice.expires_at,
      end: (why: string) => ends.push(why),
    };
    auth.connections.add(live);
    const fresh = await rotate(alice);
    expect(live.expiresAt).toBe(alice.expires_at);
    await show(fresh);
    expect(live.expiresAt).toBe(auth.clock.now() + DAY);
    await show(await rotate(fresh));
    expect(ends).toEqual(["key-replaced"]);
  });

  test("is refused to a program gone wrong that asks again and again", async () => {
    for (let i = 0; i < 20; i++) await rotate(alice);
    expect(await rotate(alice).catch((error: unknown) => error)).toMatchObject({
      code: "quota-exceeded",
    });
    auth.clock.advance(3_600_001);
    await rotate(alice);
  });

  test("is not refused for the keys that a busy admin has issued and rotated, nor for another's", async () => {
    await addUser(auth, BOX, { name: "bob", role: "member" });
    const bob = await issueKey(auth, BOX, { user: "bob" });
    for (let i = 0; i < 20; i++) {
      await rotateKey(auth, BOX, await issueKey(auth, BOX, { user: "alice" }));
      await rotate(bob);
    }
    expect(await stateOf(await rotate(alice))).toBe("ok");
  });
});

describe("listOwnKeys()", () => {
  test("shows the caller's keys and nobody else's", async () => {
    await addUser(auth, BOX, { name: "bob", role: "member" });
    await issueKey(auth, BOX, { user: "bob" });
    const keys = await listOwnKeys(auth, await show(alice));
    expect(keys.map(({ id }) => id)).toEqual([alice.id]);
  });
});
