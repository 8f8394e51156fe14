// Requests that pages, foreign names and old programs send.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { PROTOCOL_HEADER, type IssuedKey } from "@fetchml/protocol";
import { exchangeRaw, upgradeRequest } from "./raw-http.fixture.ts";
import { startRpc, type RpcFixture } from "./rpc.fixture.ts";

let rpc: RpcFixture;
let alice: IssuedKey;

beforeAll(async () => {
  rpc = await startRpc({ allowedHosts: ["Box.Example", "10.1.2.3"] });
  alice = await rpc.give("alice");
});
afterAll(() => rpc.close());

async function statusOf(headers: Record<string, string>): Promise<number> {
  const all = { authorization: `Bearer ${alice.api_key}`, ...headers };
  const answer = await exchangeRaw(rpc.server.port, upgradeRequest(all), /\r\n\r\n/);
  return Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);
}

describe("the Host of a request", () => {
  for (const host of [
    "localhost",
    "LOCALHOST:9100",
    "127.0.0.1",
    "127.0.0.1:9100",
    "127.8.9.1",
    "[::1]",
    "[::1]:9100",
    "box.example",
    "Box.Example:443",
    "10.1.2.3:9100",
  ]) {
    test(`may be ${host}`, async () => {
      expect(await statusOf({ host })).toBe(101);
    });
  }

  for (const host of [
    "evil.example",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "evil.example:9100",
    "localhost@evil.example",
    "localhost, evil.example",
    "localhost/..",
    "10.1.2.4",
    "[::2]",
    "127.0.0.256",
    "0.0.0.0",
    ".",
  ]) {
    test(`may not be ${host}`, async () => {
      expect(await statusOf({ host })).toBe(403);
    });
  }

  for (const path of ["/healthz", "/readyz", "/nowhere", "/rpc", "/blobs"]) {
    test(`is checked at ${path} too, and a foreign one is told nothing else`, async () => {
      const ask = async (headers: Record<string, string>) => {
        const response = await fetch(`${rpc.url}${path}`, { headers });
        return [response.status, await response.text()] as const;
      };
      const [status, text] = await ask({ host: "evil.example" });
      expect(status).toBe(403);
      expect(text).not.toContain("/snapshots");
      const own = "http://evil.example";
      expect((await ask({ host: "localhost:9100", origin: own }))[0]).toBe(403);
      expect((await ask({ host: "box.example" }))[0]).not.toBe(403);
    });
  }

  test("is not asked of whoever is on the box", async () => {
    const whoami = { jsonrpc: "2.0", id: 1, method: "user.whoami" };
    const answer = await rpc.post(whoami, { onBox: true, headers: { host: "evil.example" } });
    expect(answer.status).toBe(200);
  });

  test("is checked for calls too, and the answer says what to do", async () => {
    const response = await rpc.post(
      { jsonrpc: "2.0", id: 1, method: "user.whoami" },
      { key: alice.api_key, headers: { host: "evil.example" } },
    );
    expect(response.status).toBe(403);
    expect(await response.text()).toContain("allowed_hosts");
  });
});

describe("the Origin of a request", () => {
  test("may be missing or the server's own", async () => {
    expect(await statusOf({ host: "localhost:9100", origin: "http://localhost:9100" })).toBe(101);
    expect(await statusOf({ host: "box.example", origin: "https://box.example" })).toBe(101);
  });

  for (const origin of [
    "http://evil.example",
    "http://localhost:9101",
    "http://localhost.evil.example:9100",
    "http://127.0.0.1:9100",
    "null",
    "file://",
    "localhost:9100",
  ]) {
    test(`may not be ${origin} where the host is localhost:9100`, async () => {
      expect(await statusOf({ host: "localhost:9100", origin })).toBe(403);
    });
  }
});

describe("the protocol of a client", () => {
  test("may be named or not", async () => {
    expect(await statusOf({ [PROTOCOL_HEADER]: "1" })).toBe(101);
    expect(await statusOf({})).toBe(101);
  });

  test("that is too new or too old gets 426 and the side to upgrade", async () => {
    const cases = [
      ["2", "Upgrade the server"],
      ["0", 'Upgrade "ml"'],
      ["x", 'Upgrade "ml"'],
      ["1, 1", 'Upgrade "ml"'],
    ] as const;
    for (const [version, advice] of cases) {
      const response = await rpc.post(
        { jsonrpc: "2.0", id: 1, method: "user.whoami" },
        { key: alice.api_key, headers: { [PROTOCOL_HEADER]: version } },
      );
      expect([version, response.status]).toEqual([version, 426]);
      const { error } = (await response.json()) as { error: { message: string; data: unknown } };
      expect(error.message).toContain(advice);
      expect(error.data).toMatchObject({ code: "protocol-mismatch" });
    }
  });

  test("is looked at before the key", async () => {
    const response = await rpc.post({}, { headers: { [PROTOCOL_HEADER]: "99" } });
    expect(response.status).toBe(426);
  });
});
