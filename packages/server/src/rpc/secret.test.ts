// Tests of the calls about secrets.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { IssuedKey } from "@fetchml/protocol";
import { JsonRpcClient } from "./json-rpc-client.fixture.ts";
import { startRpc, type RpcFixture } from "./rpc.fixture.ts";

let rpc: RpcFixture;
let alice: IssuedKey;
beforeEach(async () => {
  rpc = await startRpc();
  alice = await rpc.give("alice");
});
afterEach(() => rpc.close());

const VALUE = "hunter2-and-more";

const open = (key: string) =>
  JsonRpcClient.connect(`${rpc.url.replace("http", "ws")}/ws`, { authorization: `Bearer ${key}` });

describe("secret.*", () => {
  test("keeps, lists and forgets the caller's own, and never answers or logs a value", async () => {
    const client = await open(alice.api_key);
    const answers = [
      await client.call("secret.set", { name: "TOKEN", value: VALUE }),
      await client.call("secret.list", {}),
      await client.call("secret.set", { name: "BAD-NAME", value: VALUE }),
      await client.call("secret.set", { name: "TOKEN", value: `${VALUE}\0` }),
    ];
    expect(answers[1]?.result).toEqual({
      secrets: [{ name: "TOKEN", updated_at: expect.any(Number) }],
    });
    expect(answers.slice(2).map(({ error }) => error?.data?.code)).toEqual([
      "invalid-params",
      "invalid-params",
    ]);
    expect(JSON.stringify(answers) + rpc.lines.join("")).not.toContain(VALUE);
    expect(await client.result("secret.remove", { name: "TOKEN" })).toEqual({ removed: true });
    expect(await client.result("secret.remove", { name: "TOKEN" })).toEqual({ removed: false });
  });

  test("shows nobody another's, and an admin's role opens none", async () => {
    await (await open(alice.api_key)).result("secret.set", { name: "TOKEN", value: VALUE });
    const root = await open((await rpc.give("ada", "admin")).api_key);
    expect(await root.result("secret.list", {})).toEqual({ secrets: [] });
    const box = await JsonRpcClient.connect(`ws+unix://${rpc.socketPath}:/ws`);
    expect((await box.call("secret.list", {})).error?.data?.code).toBe("not-allowed");
    const vera = await open((await rpc.give("vera", "viewer")).api_key);
    expect((await vera.call("secret.list", {})).error?.data?.code).toBe("not-allowed");
  });

  test("goes with its user", async () => {
    await (await open(alice.api_key)).result("secret.set", { name: "TOKEN", value: VALUE });
    const box = await JsonRpcClient.connect(`ws+unix://${rpc.socketPath}:/ws`);
    await box.result("user.remove", { user: "alice" });
    expect(readdirSync(join(rpc.ctx.dataDir, "secrets", "users"))).toEqual([]);
  });
});
