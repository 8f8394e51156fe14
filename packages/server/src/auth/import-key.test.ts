// Keys taken in by id and hash.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { generateApiKey, hashApiKey } from "@fetchml/protocol";
import { auditRows, BOX, makeAuth, type AuthFixture } from "./auth.fixture.ts";
import { systemRandomBytes } from "./context.ts";
import { importKey } from "./import-key.ts";
import { revokeKeys } from "./keys.ts";
import { disableUser } from "./user-changes.ts";
import { addUser } from "./users.ts";

const KEY = generateApiKey({ id: "kpaz", randomBytes: systemRandomBytes });
const WISH = { user: "alice", id: "kpaz", api_key_hash: hashApiKey(KEY) };

let auth: AuthFixture;
beforeEach(async () => {
  auth = makeAuth();
  await addUser(auth, BOX, { name: "alice", role: "member" });
});
afterEach(() => auth.close());

describe("importKey()", () => {
  test("lets the key's holder in, whom the server has never shown a key", async () => {
    const key = await importKey(auth, BOX, { ...WISH, label: "restored" });
    expect(key).toMatchObject({
      id: "kpaz",
      user: "alice",
      label: "restored",
      expires_at: auth.clock.now() + 180 * 86_400_000,
    });
    const shown = { authorization: `Bearer ${KEY}`, address: "::1", client: null };
    expect(await auth.authenticator.authenticate(shown)).toMatchObject({ user: "alice" });
  });

  test("never lets anybody in who shows the hash", async () => {
    await importKey(auth, BOX, WISH);
    const authorization = `Bearer ${WISH.api_key_hash}`;
    const shown = { authorization, address: "::1", client: null };
    expect(
      await auth.authenticator.authenticate(shown).catch((error: unknown) => error),
    ).toMatchObject({
      code: "key-malformed",
    });
  });

  test("refuses an id and a hash that are known, and never revives a revoked key", async () => {
    await importKey(auth, BOX, WISH);
    await revokeKeys(auth, BOX, { id: "kpaz" });
    expect(await importKey(auth, BOX, WISH).catch((error: unknown) => error)).toMatchObject({
      code: "conflict",
      message: expect.stringContaining("revoked"),
    });
    expect(
      await importKey(auth, BOX, { ...WISH, id: "0000" }).catch((error: unknown) => error),
    ).toMatchObject({
      code: "conflict",
      message: expect.stringContaining("same hash"),
    });
  });

  test("refuses an unknown and a disabled user", async () => {
    expect(
      await importKey(auth, BOX, { ...WISH, user: "bob" }).catch((error: unknown) => error),
    ).toMatchObject({
      code: "user-not-found",
    });
    await disableUser(auth, BOX, "alice");
    expect(await importKey(auth, BOX, WISH).catch((error: unknown) => error)).toMatchObject({
      code: "conflict",
    });
  });

  test("is in the audit without the hash", async () => {
    await importKey(auth, BOX, WISH);
    const told = JSON.stringify(auditRows(auth.db));
    expect(told).toContain('"action":"key.import","target":"alice kpaz"');
    expect(told).not.toContain(WISH.api_key_hash);
  });
});
