// Which end a connection is told of when its key is found to be no longer good, or cannot be looked up.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { KEY_ENDS, type IssuedKey, type KeyEnd } from "@fetchml/protocol";
import { disableUser, removeUser, setUserRole } from "../auth/user-changes.ts";
import { revokeKeys } from "../auth/keys.ts";
import { rotateKey } from "../auth/rotate-key.ts";
import type { KeyHolder } from "../domain/principal.ts";
import { endError } from "./connection-end.ts";
import { heardSocket } from "./heard-socket.fixture.ts";
import { startRpc, type RpcFixture } from "./rpc.fixture.ts";
import { RpcSocket } from "./socket.ts";

const BOX = { actor: "root", address: null };

let rpc: RpcFixture;
let key: IssuedKey;
let alice: KeyHolder;

beforeEach(async () => {
  rpc = await startRpc();
  key = await rpc.give("alice");
  alice = await rpc.ctx.authenticator.authenticate({
    authorization: `Bearer ${key.api_key}`,
    address: "test",
    client: null,
  });
});
afterEach(() => rpc.close());

/** What a socket hears that opens now, after its key was good a moment ago. */
function heardAtOpening(): readonly string[] {
  const { ws, heard } = heardSocket();
  new RpcSocket(rpc.ctx, { principal: alice, address: "test", client: null }).opened(ws);
  return heard;
}

describe("a socket that opens in the moment in which", () => {
  const acts: readonly (readonly [string, () => Promise<unknown>, KeyEnd])[] = [
    ["its key is revoked", () => revokeKeys(rpc.ctx.auth, BOX, { id: key.id }), "key-revoked"],
    ["its user is disabled", () => disableUser(rpc.ctx.auth, BOX, "alice"), "user-disabled"],
    ["its user is removed", () => removeUser(rpc.ctx.auth, BOX, "alice"), "user-removed"],
    [
      "its user gets another role",
      () => setUserRole(rpc.ctx.auth, BOX, { name: "alice", role: "viewer" }),
      "role-changed",
    ],
    [
      "its key is replaced without a grace",
      () => rotateKey(rpc.ctx.auth, BOX, { id: key.id, grace_ms: 0 }),
      "key-replaced",
    ],
  ];
  for (const [what, act, why] of acts) {
    test(`${what} is closed with 4401 and ${why}`, async () => {
      await act();
      expect(heardAtOpening()).toEqual([`close 4401 ${why}`]);
      expect(rpc.ctx.auth.connections.size).toBe(0);
    });
  }

  test("the keys cannot be read is closed as the server's fault, so that its client does not throw the key away", () => {
    rpc.ctx.auth.db.runScript("ALTER TABLE api_keys RENAME TO lost");
    expect(heardAtOpening()).toEqual(["close 1011"]);
    expect(rpc.lines.join("")).toContain("key-not-checked");
    expect(rpc.ctx.auth.connections.size).toBe(0);
    rpc.ctx.auth.db.runScript("ALTER TABLE lost RENAME TO api_keys");
  });
});

describe("endError()", () => {
  test("cuts a transfer with the code and the sentence of every end", () => {
    // By the table's own keys.
    for (const why of Object.keys(KEY_ENDS) as KeyEnd[]) {
      const { code, message } = endError(why);
      expect([code, message]).toEqual([
        KEY_ENDS[why].code,
        `The transfer was cut: ${KEY_ENDS[why].sentence}`,
      ]);
    }
  });
});
