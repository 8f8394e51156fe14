// All methods, all roles, all carriers: who is let through, and who is not.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { ROLES, type MethodName } from "@fetchml/protocol";
import { METHODS } from "@fetchml/protocol/schemas";
import { JsonRpcClient } from "./json-rpc-client.fixture.ts";
import { startRpc, type RpcFixture } from "./rpc.fixture.ts";

let rpc: RpcFixture;
const keys = new Map<string, string>();
const sockets = new Map<string, JsonRpcClient>();

beforeAll(async () => {
  rpc = await startRpc();
  for (const role of ROLES) {
    const { api_key } = await rpc.give(role, role);
    keys.set(role, api_key);
    const headers = { authorization: `Bearer ${api_key}` };
    sockets.set(role, await JsonRpcClient.connect(`${rpc.url.replace("http", "ws")}/ws`, headers));
  }
  sockets.set("local", await JsonRpcClient.connect(`ws+unix://${rpc.socketPath}:/ws`));
});
afterAll(() => rpc.close());

// Written out once more on purpose: a slip in the method table must not pass for the rule.
const MEMBERS: ReadonlySet<string> = new Set([
  "job.submit",
  "job.redo",
  "job.cancel",
  "job.hold",
  "job.release",
  "job.edit",
  "exec.start",
  "exec.read",
  "exec.write",
  "exec.signal",
  "job.pin",
  "job.unpin",
  "secret.set",
  "secret.list",
  "secret.remove",
]);
const LOCALS: ReadonlySet<string> = new Set([
  "user.add",
  "user.list",
  "user.set-role",
  "user.disable",
  "user.enable",
  "user.remove",
  "key.issue",
  "key.list",
  "key.revoke",
  "key.rotate",
  "key.import",
  "audit.list",
  "gc.start",
  "gc.show",
  "server.drain",
  "server.resume",
]);

function expected(method: string, who: string): boolean {
  if (who === "local") return true;
  if (LOCALS.has(method)) return false;
  return who !== "viewer" || !MEMBERS.has(method);
}

const carriers: Readonly<Record<string, (who: string, method: string) => Promise<unknown>>> = {
  WebSocket: async (who, method) => (await sockets.get(who)?.call(method, BAD))?.error?.data?.code,
  "POST /rpc": async (who, method) => {
    const request = { jsonrpc: "2.0", id: 1, method, params: BAD };
    const local = who === "local";
    const response = await rpc.post(request, { key: keys.get(who), onBox: local });
    const { error } = (await response.json()) as { error?: { data?: { code?: string } } };
    return error?.data?.code;
  },
};

/** Parameters that no method takes: whoever is let through learns that, and nothing is done. */
const BAD = { "no such parameter": true };

describe("the access of every method", () => {
  for (const [carrier, call] of Object.entries(carriers)) {
    for (const who of [...ROLES, "local"]) {
      test(`is kept for ${who} over ${carrier}`, async () => {
        const names = Object.keys(METHODS) as MethodName[];
        const codes = await Promise.all(names.map(async (name) => [name, await call(who, name)]));
        expect(codes).toEqual(
          names.map((name) => [name, expected(name, who) ? "invalid-params" : "not-allowed"]),
        );
      });
    }

    test(`is nobody's over ${carrier} for a method that does not exist`, async () => {
      expect(await call("admin", "user.become")).toBe("method-not-found");
      expect(await call("admin", "constructor")).toBe("method-not-found");
      expect(await call("admin", "__proto__")).toBe("method-not-found");
    });
  }

  test("is nobody's without a key", async () => {
    for (const method of Object.keys(METHODS)) {
      const response = await rpc.post({ jsonrpc: "2.0", id: 1, method });
      expect([method, response.status]).toEqual([method, 401]);
    }
  });

  test("is not widened by saying on the network that one is on the box", async () => {
    const key = keys.get("admin");
    for (const headers of [{ host: "localhost" }, { "x-forwarded-for": "127.0.0.1" }]) {
      const request = { jsonrpc: "2.0", id: 1, method: "user.list" };
      const response = await rpc.post(request, { key, headers });
      expect(response.status).toBe(403);
    }
  });
});
