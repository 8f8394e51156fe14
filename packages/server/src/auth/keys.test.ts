// Keys: issued, listed, revoked.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { hashApiKey, parseApiKey } from "@fetchml/protocol";
import { auditRows, BOX, makeAuth, type AuthFixture } from "./auth.fixture.ts";
import { systemRandomBytes } from "./context.ts";
import { DEFAULT_VALID_MS, issueKey, listApiKeys, revokeKeys } from "./keys.ts";
import { disableUser } from "./user-changes.ts";
import { addUser } from "./users.ts";

let auth: AuthFixture;
beforeEach(async () => {
  auth = makeAuth();
  await addUser(auth, BOX, { name: "alice", role: "member" });
});
afterEach(() => auth.close());

describe("issueKey()", () => {
  test("answers a well-formed key with its id and its hash", async () => {
    const issued = await issueKey(auth, BOX, { user: "alice" });
    expect(parseApiKey(issued.api_key)).toEqual({ ok: true, id: issued.id });
    expect(issued.api_key_hash).toBe(hashApiKey(issued.api_key));
    expect(issued.user).toBe("alice");
  });

  test("makes keys that live 180 days, as long as said, or for ever", async () => {
    const expiry = async (valid_ms?: number | null) =>
      (await issueKey(auth, BOX, { user: "alice", valid_ms })).expires_at;
    expect(await expiry()).toBe(auth.clock.now() + 180 * 86_400_000);
    expect(DEFAULT_VALID_MS).toBe(180 * 86_400_000);
    expect(await expiry(60_000)).toBe(auth.clock.now() + 60_000);
    expect(await expiry(null)).toBeNull();
  });

  test("draws another id when one is taken", async () => {
    const first = await issueKey(auth, BOX, { user: "alice" });
    let draws = 0;
    const ids = [first.id, "0000"];
    const again = {
      ...auth,
      // Four bytes are asked for an id; each is an index into the alphabet, so the first id is drawn again once.
      randomBytes: (count: number) => {
        if (count !== 4) return systemRandomBytes(count);
        const id = ids[draws++] ?? "0001";
        return Uint8Array.from(id, (symbol) => "0123456789abcdefghjkmnpqrstvwxyz".indexOf(symbol));
      },
    };
    expect((await issueKey(again, BOX, { user: "alice" })).id).toBe("0000");
    expect(draws).toBe(2);
  });

  test("refuses an unknown and a disabled user", async () => {
    expect(
      await issueKey(auth, BOX, { user: "bob" }).catch((error: unknown) => error),
    ).toMatchObject({
      code: "user-not-found",
      message: expect.stringContaining("fetchml user add bob"),
    });
    await disableUser(auth, BOX, "alice");
    expect(
      await issueKey(auth, BOX, { user: "alice" }).catch((error: unknown) => error),
    ).toMatchObject({
      code: "conflict",
      message: expect.stringContaining("fetchml user enable alice"),
    });
  });

  test("refuses a label that holds a key, which every list would show", async () => {
    const { api_key } = await issueKey(auth, BOX, { user: "alice" });
    for (const label of [api_key, `laptop (${api_key})`]) {
      const refused = issueKey(auth, BOX, { user: "alice", label });
      expect(await refused.catch((error: unknown) => error)).toMatchObject({
        code: "invalid-params",
      });
    }
    expect(await listApiKeys(auth, "alice")).toHaveLength(1);
  });

  test("leaves key and hash out of the audit and of lists", async () => {
    const issued = await issueKey(auth, BOX, { user: "alice", label: "laptop" });
    const told = JSON.stringify([auditRows(auth.db), await listApiKeys(auth, undefined)]);
    expect(told).toContain(`alice ${issued.id}`);
    expect(told).not.toContain(issued.api_key);
    expect(told).not.toContain(issued.api_key.slice(12, 38));
    expect(told).not.toContain(issued.api_key_hash);
  });
});

describe("listApiKeys()", () => {
  test("lists keys of one user or of all", async () => {
    await addUser(auth, BOX, { name: "bob", role: "member" });
    const a = await issueKey(auth, BOX, { user: "alice", label: "laptop" });
    const b = await issueKey(auth, BOX, { user: "bob" });
    expect((await listApiKeys(auth, undefined)).map((key) => key.id)).toEqual([a.id, b.id]);
    expect(await listApiKeys(auth, "alice")).toEqual([
      {
        id: a.id,
        user: "alice",
        label: "laptop",
        created_at: auth.clock.now(),
        expires_at: a.expires_at,
        revoked_at: null,
        superseded_by: null,
        valid_until: a.expires_at,
        pending: false,
        last_used_at: null,
        last_used_address: null,
        last_used_client: null,
      },
    ]);
    expect(await listApiKeys(auth, "carol").catch((error: unknown) => error)).toMatchObject({
      code: "user-not-found",
    });
  });
});

describe("revokeKeys()", () => {
  test("ends one key and its connections, and leaves the user's others", async () => {
    const a = await issueKey(auth, BOX, { user: "alice" });
    const b = await issueKey(auth, BOX, { user: "alice" });
    const ends: string[] = [];
    for (const { id } of [a, a, b]) {
      const end = (why: string) => ends.push(`${id} ${why}`);
      auth.connections.add({ keyId: id, userId: 1, expiresAt: null, end });
    }
    const revocation = await revokeKeys(auth, BOX, { id: a.id });
    expect(revocation.keys).toMatchObject([{ id: a.id, revoked_at: auth.clock.now() }]);
    expect(revocation.closed_connections).toBe(2);
    expect(ends).toEqual([`${a.id} key-revoked`, `${a.id} key-revoked`]);
  });

  test("ends all keys of a user that are not revoked yet", async () => {
    const a = await issueKey(auth, BOX, { user: "alice" });
    const b = await issueKey(auth, BOX, { user: "alice" });
    await revokeKeys(auth, BOX, { id: a.id });
    const { keys } = await revokeKeys(auth, BOX, { user: "alice" });
    expect(keys.map(({ id }) => id)).toEqual([b.id]);
  });

  test("does nothing the second time, and keeps the first time", async () => {
    const a = await issueKey(auth, BOX, { user: "alice" });
    const at = auth.clock.now();
    await revokeKeys(auth, BOX, { id: a.id });
    auth.clock.advance(1000);
    expect(await revokeKeys(auth, BOX, { id: a.id })).toEqual({
      user: "alice",
      keys: [],
      closed_connections: 0,
    });
    expect((await listApiKeys(auth, "alice"))[0]?.revoked_at).toBe(at);
  });

  test("knows no other ids", async () => {
    expect(
      await revokeKeys(auth, BOX, { id: "0000" }).catch((error: unknown) => error),
    ).toMatchObject({
      code: "key-not-found",
      message: expect.stringContaining("fetchml key list"),
    });
  });

  test("does what goes with it for whose keys they are, and nothing when that fails", async () => {
    const a = await issueKey(auth, BOX, { user: "alice" });
    const told: string[] = [];
    const fail = () => {
      throw new Error("the disk is full");
    };
    const failed = await revokeKeys(auth, BOX, { id: a.id, also: fail }).catch(String);
    expect(failed).toContain("the disk is full");
    expect((await listApiKeys(auth, "alice"))[0]?.revoked_at).toBeNull();
    await revokeKeys(auth, BOX, { id: a.id, also: (user) => told.push(user) });
    expect(told).toEqual(["alice"]);
  });

  test("closes nothing when the commit fails", async () => {
    const a = await issueKey(auth, BOX, { user: "alice" });
    const ends: string[] = [];
    auth.connections.add({ keyId: a.id, userId: 1, expiresAt: null, end: (why) => ends.push(why) });
    auth.db.runScript(
      "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END",
    );
    expect(
      String(await revokeKeys(auth, BOX, { id: a.id }).catch((error: unknown) => error)),
    ).toContain("full");
    expect(ends).toEqual([]);
  });
});
