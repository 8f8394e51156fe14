// Keys that end while many connections are being opened.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { generateApiKey, type IssuedKey } from "@fetchml/protocol";
import { systemRandomBytes } from "../auth/context.ts";
import { JsonRpcClient } from "./json-rpc-client.fixture.ts";
import { startRpc, type RpcFixture } from "./rpc.fixture.ts";

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
const open = (key: string) =>
  JsonRpcClient.connect(`${rpc.url.replace("http", "ws")}/ws`, headers(key));
const live = () => rpc.ctx.auth.connections.size;

describe("key.revoke", () => {
  test("raced against the upgrade 1,000 times leaves no socket alive", async () => {
    for (let round = 0; round < 20; round++) {
      const keys = await Promise.all(
        Array.from({ length: 50 }, () => box.result("key.issue", { user: "alice" })),
      );
      await Promise.all(
        keys.map(async ({ api_key, id }) => {
          const opening = open(String(api_key)).then(
            ({ closed }) => closed,
            () => null,
          );
          await box.result("key.revoke", { id });
          await opening;
        }),
      );
    }
    expect(live()).toBe(0);
  }, 60_000);
});

describe("1,000 upgrades without a right key", () => {
  test("are all refused, and users with keys notice nothing", async () => {
    const wrong = generateApiKey({ id: alice.id, randomBytes: systemRandomBytes });
    const client = await open(alice.api_key);
    const flood = Array.from({ length: 1_000 }, (_, turn) =>
      fetch(`${rpc.url}/ws`, { headers: turn % 2 === 0 ? headers(wrong) : {} }).then(
        async (response) => {
          await response.arrayBuffer();
          return response.status;
        },
      ),
    );
    for (let i = 0; i < 20; i++)
      expect(await client.result("user.whoami")).toMatchObject({ user: "alice" });
    await (await open(alice.api_key)).result("user.whoami");
    const statuses = new Set(await Promise.all(flood));
    expect(statuses).toEqual(new Set([401, 429]));
    await rpc.ctx.authenticator.close();
    const { entries } = await box.result("audit.list", { limit: 1000 });
    const told = (entries as { action: string }[]).filter(
      ({ action }) => action === "authenticate",
    );
    expect(told).toHaveLength(1);
  }, 60_000);
});
