// The checks behind the ones that connections seldom get past: a key that ends at the very moment of opening.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { revokeKeys } from "../auth/keys.ts";
import type { KeyHolder } from "../domain/principal.ts";
import { heardSocket } from "./heard-socket.fixture.ts";
import { startRpc, type RpcFixture } from "./rpc.fixture.ts";
import { RpcSocket } from "./socket.ts";
import { Transfers } from "./transfer.ts";

let rpc: RpcFixture;
let alice: KeyHolder;

beforeEach(async () => {
  rpc = await startRpc();
  const { api_key } = await rpc.give("alice", "member", 60_000);
  const authorization = `Bearer ${api_key}`;
  alice = await rpc.ctx.authenticator.authenticate({
    authorization,
    address: "test",
    client: null,
  });
});
afterEach(() => rpc.close());

const BOX = { actor: "root", address: null };

describe("a socket", () => {
  test("of a key that was revoked after its check is closed before it hears anything", async () => {
    const { ws, heard } = heardSocket();
    const socket = new RpcSocket(rpc.ctx, { principal: alice, address: "test", client: null });
    await revokeKeys(rpc.ctx.auth, BOX, { id: alice.keyId });
    socket.opened(ws);
    expect(heard).toEqual(["close 4401 key-revoked"]);
    expect(rpc.ctx.auth.connections.size).toBe(0);
  });

  test("whose key has expired handles no frame, even if no timer has noticed", () => {
    const { ws, heard } = heardSocket();
    const clock = { now: () => Date.now() + 61_000 };
    const ctx = { ...rpc.ctx, auth: { ...rpc.ctx.auth, clock } };
    const socket = new RpcSocket(ctx, { principal: alice, address: "test", client: null });
    socket.opened(ws);
    socket.received('{"jsonrpc":"2.0","id":1,"method":"user.whoami"}');
    expect(heard).toEqual(["send hello", "close 4401 key-expired"]);
    socket.received('{"jsonrpc":"2.0","id":2,"method":"user.whoami"}');
    expect(heard).toHaveLength(2);
  });

  test("whose client answers no pings is cut off at the third", () => {
    const { ws, heard } = heardSocket();
    const principal = { kind: "local", user: "root" } as const;
    const socket = new RpcSocket(rpc.ctx, { principal, address: null, client: null });
    socket.opened(ws);
    for (let i = 0; i < 5; i++) {
      socket.ping();
      socket.ponged();
    }
    for (let i = 0; i < 3; i++) socket.ping();
    expect(heard).toEqual(["send hello", ...Array<string>(7).fill("ping"), "terminate"]);
  });
});

describe("an upload", () => {
  test("of a key that was revoked after its check does not begin", async () => {
    await revokeKeys(rpc.ctx.auth, BOX, { id: alice.keyId });
    const transfers = new Transfers(rpc.ctx.auth.connections);
    let hasBegun = false;
    const work = () => {
      hasBegun = true;
      return Promise.resolve(1);
    };
    expect(
      await transfers.run(alice, rpc.ctx.authenticator, work).catch((error: unknown) => error),
    ).toMatchObject({
      code: "key-revoked",
    });
    expect(hasBegun).toBe(false);
    expect(rpc.ctx.auth.connections.size).toBe(0);
  });
});
