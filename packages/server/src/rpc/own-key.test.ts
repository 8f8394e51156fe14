// A user rotates the own key over the network: what each carrier sees of it.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { CLOSE_KEY_ENDED, type IssuedKey } from "@fetchml/protocol";
import { JsonRpcClient } from "./json-rpc-client.fixture.ts";
import { startRpc, type RpcFixture } from "./rpc.fixture.ts";

let rpc: RpcFixture;
let alice: IssuedKey;

beforeEach(async () => {
  rpc = await startRpc();
  alice = await rpc.give("alice", "viewer");
});
afterEach(() => rpc.close());

const open = (key: string) =>
  JsonRpcClient.connect(`${rpc.url.replace("http", "ws")}/ws`, { authorization: `Bearer ${key}` });
const whoami = { jsonrpc: "2.0", id: 1, method: "user.whoami" };
const rotated = async (client: JsonRpcClient) => {
  const answer = await client.result("own-key.rotate");
  return { id: String(answer["id"]), key: String(answer["api_key"]) };
};

describe("own-key.rotate", () => {
  for (const [carrier, use] of [
    ["a WebSocket", async (key: string) => (await open(key)).result("user.whoami")],
    ["POST /rpc", async (key: string) => (await rpc.post(whoami, { key })).json()],
  ] as const) {
    test(`makes a key whose first use over ${carrier} is durable before the answer`, async () => {
      const { id, key } = await rotated(await open(alice.api_key));
      const before = await rpc.ctx.auth.db.read(() => standing(id));
      expect(before).toMatchObject({ isPending: 1, oldSupersededBy: null });
      await use(key);
      // Read at once and not behind a commit: what is seen now was durable when the answer left.
      expect(standing(id)).toMatchObject({ isPending: 0, oldSupersededBy: id });
    });
  }

  test("lists the caller's keys as they stand", async () => {
    const client = await open(alice.api_key);
    const { id } = await rotated(client);
    const { keys } = await client.result("own-key.list");
    expect(keys).toMatchObject([
      { id: alice.id, pending: false },
      { id, pending: true },
    ]);
    expect(JSON.stringify(keys)).not.toMatch(/fetchml_|[0-9a-f]{64}/);
  });

  test("that is refused again and again is a row of the audit, and the key that asked is in it", async () => {
    const box = await JsonRpcClient.connect(`ws+unix://${rpc.socketPath}:/ws`);
    const client = await open(alice.api_key);
    await box.result("key.rotate", { id: alice.id });
    for (let i = 0; i < 200; i++) {
      expect((await client.call("own-key.rotate")).error?.data?.code).toBe("conflict");
    }
    await rpc.ctx.authenticator.close();
    const rows = rpc.ctx.auth.db.all(
      "SELECT actor, address, ok, reason FROM audit WHERE action = 'own-key.rotate'",
    );
    const [actor, address] = [alice.id, "127.0.0.1"];
    expect(rows).toEqual([{ actor, address, ok: 0, reason: "conflict" }]);
  });

  test("is nothing for the admin on the box, who has no key", async () => {
    const box = await JsonRpcClient.connect(`ws+unix://${rpc.socketPath}:/ws`);
    expect((await box.call("own-key.rotate")).error?.data?.code).toBe("not-allowed");
    expect(await box.result("own-key.list")).toEqual({ keys: [] });
  });
});

describe("the end of a grace", () => {
  test("closes the sockets of the old key with 4401 within a second, and says why", async () => {
    const old = await open(alice.api_key);
    const box = await JsonRpcClient.connect(`ws+unix://${rpc.socketPath}:/ws`);
    const { id } = (await box.result("key.rotate", { id: alice.id, grace_ms: 300 })) as {
      id: string;
    };
    const until = standing(id).oldGraceEndsAt ?? 0;
    expect((await rpc.post(whoami, { key: alice.api_key })).status).toBe(200);
    const { code, reason } = await old.closed;
    expect(code).toBe(CLOSE_KEY_ENDED);
    expect(reason).toContain("replaced");
    expect(Date.now()).toBeGreaterThanOrEqual(until);
    expect(Date.now()).toBeLessThan(until + 1_000);
    expect((await rpc.post(whoami, { key: alice.api_key })).status).toBe(401);
  });

  test("closes also a socket that was opened within it", async () => {
    const box = await JsonRpcClient.connect(`ws+unix://${rpc.socketPath}:/ws`);
    await box.result("key.rotate", { id: alice.id, grace_ms: 400 });
    const late = await open(alice.api_key);
    expect((await late.closed).reason).toContain("replaced");
  });
});

interface Standing {
  readonly isPending: 0 | 1;
  readonly oldSupersededBy: string | null;
  readonly oldGraceEndsAt: number | null;
}

function standing(id: string): Standing {
  const row = rpc.ctx.auth.db.get<Standing>(
    `SELECT k.pending_until IS NOT NULL AS isPending, old.superseded_by AS oldSupersededBy, old.grace_ends_at AS oldGraceEndsAt
     FROM api_keys AS k JOIN api_keys AS old ON old.id = k.replaces WHERE k.id = $id`,
    { id },
  );
  if (row === null) throw new Error(`no key ${id}`);
  return row;
}
