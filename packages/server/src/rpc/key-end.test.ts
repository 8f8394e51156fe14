// When a key ends, what it has opened ends with it, before the command that ended it returns.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { CLOSE_KEY_ENDED, type IssuedKey } from "@fetchml/protocol";
import { JsonRpcClient } from "./json-rpc-client.fixture.ts";
import { clientFrame, upgradeRequest } from "./raw-http.fixture.ts";
import { startRpc, until, type RpcFixture } from "./rpc.fixture.ts";

let rpc: RpcFixture;
let alice: IssuedKey;
let box: JsonRpcClient;

beforeEach(async () => {
  rpc = await startRpc();
  alice = await rpc.give("alice");
  box = await JsonRpcClient.connect(`ws+unix://${rpc.socketPath}:/ws`);
});
afterEach(() => rpc.close());

const headers = (key: string) => ({ authorization: `Bearer ${key}` });
const open = (key = alice.api_key) =>
  JsonRpcClient.connect(`${rpc.url.replace("http", "ws")}/ws`, headers(key));
const whoami = { jsonrpc: "2.0", id: 1, method: "user.whoami" };

describe("key.revoke", () => {
  test("closes the key's sockets with 4401, tells how many, and leaves others open", async () => {
    const bob = await rpc.give("bob");
    const bobs = await open(bob.api_key);
    const sockets = await Promise.all([open(), open(), open()]);
    const revocation = await box.result("key.revoke", { id: alice.id });
    expect(revocation).toMatchObject({ closed_connections: 3, keys: [{ id: alice.id }] });
    expect(rpc.ctx.auth.connections.size).toBe(1);
    for (const socket of sockets) {
      expect(await socket.closed).toEqual({
        code: CLOSE_KEY_ENDED,
        reason: "key-revoked: The API key was revoked.",
      });
    }
    expect(await bobs.result("user.whoami")).toMatchObject({ user: "bob" });
    const again = await rpc.post(whoami, { key: alice.api_key });
    expect(again.status).toBe(401);
    expect(await again.text()).toContain("key-revoked");
  });

  test("ends sockets that do not read, and what waited to be sent does not arrive", async () => {
    const deaf = connect(rpc.server.port, "127.0.0.1", () =>
      deaf.write(upgradeRequest(headers(alice.api_key))),
    );
    deaf.pause();
    deaf.on("error", () => undefined);
    await until("it is open", () => rpc.ctx.auth.connections.size === 1);
    const send = (method: string, params: unknown) =>
      clientFrame(1, Buffer.from(JSON.stringify({ jsonrpc: "2.0", id: 1, method, params })));
    deaf.write(Buffer.concat(Array.from({ length: 400 }, () => send("rpc.discover", {}))));
    // By then more is answered than the network takes.
    for (let i = 0; i < 200; i++) await box.result("user.whoami");
    const revocation = await box.result("key.revoke", { id: alice.id });
    expect(revocation["closed_connections"]).toBe(1);
    let tail = "";
    deaf.on("data", (data) => {
      tail = (tail + data.toString("latin1")).slice(-500);
    });
    const gone = new Promise<void>((resolve) => deaf.on("close", () => resolve()));
    deaf.resume();
    await gone;
    // A close frame would come behind all that was buffered.
    expect(tail).not.toContain("The API key was revoked.");
  }, 60_000);

  test("raced against the upgrade leaves no socket alive", async () => {
    const keys = await Promise.all(
      Array.from({ length: 100 }, () => box.result("key.issue", { user: "alice" })),
    );
    await Promise.all(
      keys.map(async ({ api_key, id }) => {
        const opening = open(api_key).then(
          (client) => client.closed,
          () => null,
        );
        await box.result("key.revoke", { id });
        await opening;
      }),
    );
    expect(rpc.ctx.auth.connections.size).toBe(0);
  }, 20_000);
});

describe("the user", () => {
  for (const [method, params, reason] of [
    ["user.disable", {}, "user-disabled: The user was disabled."],
    ["user.remove", {}, "user-removed: The user was removed."],
    ["user.set-role", { role: "viewer" }, "role-changed: The user's role was changed."],
  ] as const) {
    test(`changed by ${method} while connected is disconnected with 4401`, async () => {
      const socket = await open();
      const change = await box.result(method, { user: "alice", ...params });
      expect(change["closed_connections"]).toBe(1);
      expect(await socket.closed).toEqual({ code: CLOSE_KEY_ENDED, reason });
    });
  }

  test("has the new role on the next connection", async () => {
    await box.result("user.set-role", { user: "alice", role: "viewer" });
    expect(await (await open()).result("user.whoami")).toMatchObject({ role: "viewer" });
  });
});

describe("the expiry of a key", () => {
  test("closes its sockets with 4401 within a second", async () => {
    const brief = await rpc.give("bob", "member", 400);
    const socket = await open(brief.api_key);
    const { code, reason } = await socket.closed;
    expect([code, reason]).toEqual([CLOSE_KEY_ENDED, "key-expired: The API key has expired."]);
    const late = Date.now() - (brief.expires_at ?? 0);
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThan(1_000);
    expect((await rpc.post(whoami, { key: brief.api_key })).status).toBe(401);
  });
});
