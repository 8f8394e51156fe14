// Where a request came from: the peer, or what trusted proxies say.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { TrustedProxies } from "./client-address.ts";
import { startRpc, type RpcFixture } from "./rpc.fixture.ts";

describe("clientOf()", () => {
  const proxies = new TrustedProxies(["127.0.0.1", "10.0.0.0/8", "fd00::/8"]);
  const cases: readonly (readonly [string, string | null, string])[] = [
    ["203.0.113.9", null, "203.0.113.9"],
    ["203.0.113.9", "198.51.100.1", "203.0.113.9"],
    ["127.0.0.1", null, "127.0.0.1"],
    ["127.0.0.1", "", "127.0.0.1"],
    ["127.0.0.1", "198.51.100.1", "198.51.100.1"],
    ["127.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1"],
    ["127.0.0.1", "6.6.6.6, 198.51.100.1, 10.1.2.3", "198.51.100.1"],
    ["127.0.0.1", "10.1.1.1,10.1.2.3", "10.1.1.1"],
    ["::ffff:127.0.0.1", "198.51.100.1", "198.51.100.1"],
    ["fd00::1", "2001:db8::7", "2001:db8::7"],
    ["127.0.0.1", "198.51.100.1, nonsense", "127.0.0.1"],
    ["127.0.0.1", "198.51.100.1, <script>, 10.0.0.1", "10.0.0.1"],
    ["unknown", "198.51.100.1", "unknown"],
  ];
  for (const [peer, header, client] of cases) {
    test(`is ${client} for ${peer} with ${header ?? "no header"}`, () => {
      expect(proxies.clientOf(peer, header)).toBe(client);
    });
  }

  test("believes nobody where no proxy is named", () => {
    expect(new TrustedProxies([]).clientOf("127.0.0.1", "198.51.100.1")).toBe("127.0.0.1");
  });
});

describe("behind a trusted proxy", () => {
  let rpc: RpcFixture;
  beforeAll(async () => {
    rpc = await startRpc({ trustedProxies: ["127.0.0.1"] });
  });
  afterAll(() => rpc.close());

  const call = { jsonrpc: "2.0", id: 1, method: "user.whoami" };
  const from = (address: string, key?: string) =>
    rpc.post(call, { key, headers: { "x-forwarded-for": address } });

  test("wrong keys from one client slow down that client and no other, with Retry-After", async () => {
    for (let i = 0; i < 20; i++) await from("198.51.100.1", "nonsense");
    const slowed = await from("198.51.100.1", "nonsense");
    expect(slowed.status).toBe(429);
    expect(Number(slowed.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    expect((await from("198.51.100.2", "nonsense")).status).toBe(401);
  });

  test("the key's last use and the audit name the client", async () => {
    const { api_key, id } = await rpc.give("alice");
    expect((await from("198.51.100.7", api_key)).status).toBe(200);
    await rpc.ctx.authenticator.close();
    const listed = await rpc.post({ ...call, method: "key.list" }, { onBox: true });
    expect(await listed.json()).toMatchObject({
      result: { keys: [{ id, last_used_address: "198.51.100.7" }] },
    });
    const audit = await rpc.post({ ...call, method: "audit.list" }, { onBox: true });
    expect(await audit.text()).toContain('"address":"198.51.100.1"');
  });
});
