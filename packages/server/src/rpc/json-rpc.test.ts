// A client that knows only JSON-RPC 2.0 gets along with this server.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { ERROR_CODES, type IssuedKey } from "@fetchml/protocol";
import { METHODS } from "@fetchml/protocol/schemas";
import { JsonRpcClient, type AnyFrame } from "./json-rpc-client.fixture.ts";
import { startRpc, type RpcFixture } from "./rpc.fixture.ts";
import { SUBMIT } from "./submit.fixture.ts";

let rpc: RpcFixture;
let alice: IssuedKey;
let client: JsonRpcClient;

beforeAll(async () => {
  rpc = await startRpc();
  alice = await rpc.give("alice");
  client = await JsonRpcClient.connect(`${rpc.url.replace("http", "ws")}/ws`, {
    authorization: `Bearer ${alice.api_key}`,
  });
});
afterAll(() => rpc.close());

/** Sends a frame and resolves with the next one that comes. */
async function exchange(frame: unknown): Promise<AnyFrame | readonly AnyFrame[] | undefined> {
  const before = client.frames.length;
  client.send(typeof frame === "string" ? frame : JSON.stringify(frame));
  await client.until("an answer", () => client.frames.length > before);
  return client.frames[before];
}

describe("/ws", () => {
  test("says hello first", async () => {
    await client.until("hello", () => client.frames.length > 0);
    expect(client.frames[0]).toEqual({
      jsonrpc: "2.0",
      method: "hello",
      params: { protocol_version: 1, server_version: "0.1.0" },
    } as AnyFrame);
  });

  test("answers job.list with the jobs of the caller", async () => {
    await client.result("job.submit", SUBMIT);
    const { jobs, next_before_id } = await client.result("job.list");
    expect(jobs).toMatchObject([{ id: 1, name: "train", user: "alice", state: "queued" }]);
    expect(next_before_id).toBeNull();
  });

  test("echoes ids as they are", async () => {
    for (const id of ["a", "", 0, -1, 1.5, null, Number.MAX_SAFE_INTEGER]) {
      const answer = await exchange({ jsonrpc: "2.0", id, method: "user.whoami" });
      expect(answer).toMatchObject({ jsonrpc: "2.0", id, result: { user: "alice" } });
    }
  });

  test("gives a notification no answer, not even an error", async () => {
    client.send('{"jsonrpc":"2.0","method":"user.whoami"}');
    client.send('{"jsonrpc":"2.0","method":"no.such"}');
    client.send('[{"jsonrpc":"2.0","method":"user.whoami"}]');
    expect(await exchange({ jsonrpc: "2.0", id: "after", method: "user.whoami" })).toMatchObject({
      id: "after",
    });
  });

  test("answers a batch with a list, and the good ones beside the bad", async () => {
    const answer = await exchange([
      { jsonrpc: "2.0", id: 1, method: "user.whoami" },
      { jsonrpc: "2.0", method: "user.whoami" },
      { jsonrpc: "2.0", id: 2, method: "no.such" },
      1,
    ]);
    expect(answer).toHaveLength(3);
    expect(answer).toContainEqual(expect.objectContaining({ id: 1, result: expect.anything() }));
    expect(answer).toContainEqual(
      expect.objectContaining({ id: 2, error: expect.objectContaining({ code: -32601 }) }),
    );
    expect(answer).toContainEqual(
      expect.objectContaining({ id: null, error: expect.objectContaining({ code: -32600 }) }),
    );
  });

  test("tells errors with the number and the word of the table", async () => {
    const cases = [
      ["{", "parse-error"],
      ["[]", "invalid-request"],
      ['{"jsonrpc":"2.0","id":1,"method":"no.such"}', "method-not-found"],
      ['{"jsonrpc":"2.0","id":1,"method":"job.get"}', "invalid-params"],
      ['{"jsonrpc":"2.0","id":1,"method":"job.get","params":{"job":"99"}}', "job-not-found"],
      ['{"jsonrpc":"2.0","id":1,"method":"user.list"}', "not-allowed"],
    ] as const;
    for (const [frame, code] of cases) {
      const answer = await exchange(frame);
      expect(answer).toMatchObject({ error: { code: ERROR_CODES[code].rpc, data: { code } } });
    }
  });

  test("answers with results that fit the table", async () => {
    const box = await JsonRpcClient.connect(`ws+unix://${rpc.socketPath}:/ws`);
    const calls: readonly (readonly [keyof typeof METHODS, unknown])[] = [
      ["server.status", {}],
      ["server.limits", {}],
      ["user.whoami", {}],
      ["rpc.discover", {}],
      ["job.submit", SUBMIT],
      ["job.list", {}],
      ["job.get", { job: "@" }],
      ["job.why", { job: "@" }],
      ["job.hold", { job: "@" }],
      ["job.release", { job: "@" }],
      ["job.edit", { job: "@", cpus: 2 }],
      ["job.subscribe", { jobs: ["@"] }],
      ["log.subscribe", { job: "@" }],
      ["subscription.end", { subscription: 1 }],
      ["output.list", { job: "@" }],
      ["job.pin", { job: "@" }],
      ["job.unpin", { job: "@" }],
      ["job.redo", { job: "@" }],
      ["secret.set", { name: "TOKEN", value: "x" }],
      ["secret.list", {}],
      ["secret.remove", { name: "TOKEN" }],
      ["job.cancel", { all: true }],
      ["user.add", { user: "bob", role: "viewer" }],
      ["user.list", {}],
      ["key.issue", { user: "bob", label: "laptop" }],
      ["key.list", { user: "bob" }],
      ["key.rotate", { user: "bob" }],
      ["key.import", { user: "bob", id: "kpaz", api_key_hash: "0".repeat(64) }],
      ["key.revoke", { user: "bob", cancel_jobs: true }],
      ["audit.list", { limit: 2 }],
      ["server.drain", {}],
      ["server.resume", {}],
      ["gc.start", {}],
      ["gc.show", { run: 1 }],
      ["own-key.list", {}],
      ["own-key.rotate", {}],
      ["user.set-role", { user: "bob", role: "admin" }],
      ["user.disable", { user: "bob" }],
      ["user.enable", { user: "bob" }],
      ["user.remove", { user: "bob" }],
    ];
    for (const [method, params] of calls) {
      const by = METHODS[method].access === "local" ? box : client;
      const parsed = METHODS[method].result.safeParse(await by.result(method, params));
      expect([method, parsed.error?.issues]).toEqual([method, undefined]);
    }
    const tried = new Set(calls.map(([method]) => method));
    // A command needs a job that runs: exec.test.ts has those calls.
    const others = Object.keys(METHODS).filter((name) => !name.startsWith("exec."));
    expect(others.filter((name) => !tried.has(name as keyof typeof METHODS))).toEqual([
      "log.read", // tested with its file
    ]);
  });

  test("refuses subscriptions over POST /rpc, and says where they work", async () => {
    const request = { jsonrpc: "2.0", id: 1, method: "job.subscribe" };
    const response = await rpc.post(request, { key: alice.api_key });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("connect to /ws");
  });
});
