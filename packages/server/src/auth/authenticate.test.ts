// Who is let in by what is shown, and what the others are told.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  FetchmlError,
  generateApiKey,
  hashApiKey,
  type ErrorCode,
  type IssuedKey,
} from "@fetchml/protocol";
import { createLog } from "../telemetry/log.ts";
import { BOX, makeAuth, type AuthFixture } from "./auth.fixture.ts";
import { systemRandomBytes } from "./context.ts";
import { revokeKeys } from "./keys.ts";
import { disableUser, removeUser, setUserRole } from "./user-changes.ts";

let lines: string[] = [];
let auth: AuthFixture;
let alice: IssuedKey;

beforeEach(async () => {
  lines = [];
  const clock = { now: () => 0 };
  auth = makeAuth({
    log: createLog({ level: "debug", clock, write: (line) => lines.push(line) }),
  });
  alice = await auth.give("alice", "member", 60_000);
});
afterEach(() => auth.close());

function show(authorization: string | null) {
  return auth.authenticator.authenticate({ authorization, address: "127.0.0.1", client: "test" });
}

async function refusal(act: () => unknown): Promise<FetchmlError> {
  try {
    await act();
  } catch (error) {
    if (error instanceof FetchmlError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

async function codeOf(authorization: string | null): Promise<ErrorCode> {
  return (await refusal(() => show(authorization))).code;
}

/** A well-formed key of that id which was never issued. */
function strangeKey(id: string): string {
  return generateApiKey({ id, randomBytes: systemRandomBytes });
}

describe("authenticate()", () => {
  test("knows the holder of a valid key", async () => {
    expect(await show(`Bearer ${alice.api_key}`)).toMatchObject({
      kind: "key",
      user: "alice",
      role: "member",
      keyId: alice.id,
      keyExpiresAt: alice.expires_at,
    });
  });

  test("takes the scheme in any case, as HTTP has it", async () => {
    expect((await show(`bearer ${alice.api_key}`)).user).toBe("alice");
  });

  test("misses a key where there is none", async () => {
    for (const header of [null, "", " ", "Bearer", "Bearer "]) {
      expect(await codeOf(header)).toBe("key-missing");
    }
  });

  test("calls malformed what is no key in the strict form", async () => {
    const key = alice.api_key;
    const headers = [
      "Basic YWxpY2U6eA==",
      `Basic ${key}`,
      key,
      `Bearer ${key}, Bearer ${key}`,
      `Bearer ${key} ${key}`,
      `Bearer  ${key}`,
      `Bearer ${key.toUpperCase()}`,
      `Bearer ${key.slice(0, -1)}`,
      `Bearer ${key}x`,
      `Bearer ${key.slice(8)}`,
      `Bearer ${"a".repeat(65_536)}`,
      `Bearer ${key.slice(0, 20)}\u0000${key.slice(21)}`,
      "Bearer undefined",
    ];
    for (const header of headers) {
      auth.clock.advance(60_000 / headers.length); // keeps clear of the limit of failures
      expect([header.slice(0, 60), await codeOf(header)]).toEqual([
        header.slice(0, 60),
        "key-malformed",
      ]);
    }
  });

  test("calls malformed a key with one symbol changed", async () => {
    const last = alice.api_key.at(-1) === "q" ? "p" : "q";
    expect(await codeOf(`Bearer ${alice.api_key.slice(0, -1)}${last}`)).toBe("key-malformed");
  });

  test("never takes the hash for the key", async () => {
    expect(await codeOf(`Bearer ${alice.api_key_hash}`)).toBe("key-malformed");
    expect(await codeOf(`Bearer fetchml_${alice.api_key_hash.slice(0, 36)}`)).toBe("key-malformed");
  });

  test("gives one answer to an unknown id and to a wrong secret", async () => {
    const unknownId = alice.id === "zzzz" ? "yyyy" : "zzzz";
    const unknown = await refusal(() => show(`Bearer ${strangeKey(unknownId)}`));
    const wrong = await refusal(() => show(`Bearer ${strangeKey(alice.id)}`));
    expect(unknown.code).toBe("key-invalid");
    expect(wrong.message).toBe(unknown.message);
    expect(wrong.details).toEqual(unknown.details);
  });

  test("says expired to whoever holds the whole secret, from the very millisecond on", async () => {
    auth.clock.advance(59_999);
    expect((await show(`Bearer ${alice.api_key}`)).user).toBe("alice");
    auth.clock.advance(1);
    expect(await codeOf(`Bearer ${alice.api_key}`)).toBe("key-expired");
    expect(await codeOf(`Bearer ${strangeKey(alice.id)}`)).toBe("key-invalid");
  });

  test("says revoked to whoever holds the whole secret, and to nobody else", async () => {
    await revokeKeys(auth, BOX, { id: alice.id });
    expect(await codeOf(`Bearer ${alice.api_key}`)).toBe("key-revoked");
    expect(await codeOf(`Bearer ${strangeKey(alice.id)}`)).toBe("key-invalid");
  });

  test("does not let in a disabled user", async () => {
    await disableUser(auth, BOX, "alice");
    expect(await codeOf(`Bearer ${alice.api_key}`)).toBe("key-invalid");
  });

  test("does not let in a removed user", async () => {
    await removeUser(auth, BOX, "alice");
    expect(await codeOf(`Bearer ${alice.api_key}`)).toBe("key-revoked");
  });

  test("lets a key in while a transaction is open", async () => {
    const busy = auth.db.write(() => undefined);
    expect((await show(`Bearer ${alice.api_key}`)).user).toBe("alice");
    await busy;
  });

  test("lets nobody in when the database does not answer", async () => {
    auth.db.close();
    expect(await show(`Bearer ${alice.api_key}`).catch((error: unknown) => error)).toBeInstanceOf(
      Error,
    );
  });

  test("tells the log which key was refused, without the key or its hash", async () => {
    await codeOf(`Bearer ${strangeKey(alice.id)}`);
    const log = lines.join("");
    expect(log).toContain(`"key_id":"${alice.id}"`);
    expect(log).not.toContain("fetchml_");
    expect(log).not.toContain(hashApiKey(alice.api_key));
  });
});

describe("checkAgain()", () => {
  test("finds nothing wrong with a key that is still valid", async () => {
    auth.authenticator.checkAgain(await show(`Bearer ${alice.api_key}`));
  });

  test("finds a revoked key, a disabled user and another role", async () => {
    const holder = await show(`Bearer ${alice.api_key}`);
    const code = async () => (await refusal(() => auth.authenticator.checkAgain(holder))).code;
    await setUserRole(auth, BOX, { name: "alice", role: "viewer" });
    expect(await code()).toBe("key-invalid");
    await setUserRole(auth, BOX, { name: "alice", role: "member" });
    await disableUser(auth, BOX, "alice");
    expect(await code()).toBe("key-invalid");
    await revokeKeys(auth, BOX, { user: "alice" });
    expect(await code()).toBe("key-revoked");
  });
});
