// Plain HTTP: calls, probes, sizes, and addresses that lead nowhere.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  MAX_REQUEST_BYTES,
  PRODUCT_VERSION,
  SERVER_HEADER,
  type IssuedKey,
} from "@fetchml/protocol";
import { exchangeRaw } from "./raw-http.fixture.ts";
import { startRpc, type RpcFixture } from "./rpc.fixture.ts";
import { SUBMIT } from "./submit.fixture.ts";

let rpc: RpcFixture;
let alice: IssuedKey;

beforeAll(async () => {
  rpc = await startRpc();
  alice = await rpc.give("alice");
});
afterAll(() => rpc.close());

const call = (method: string, params?: unknown) => ({ jsonrpc: "2.0", id: 1, method, params });
const post = (body: unknown, headers?: Record<string, string>) =>
  rpc.post(body, { key: alice.api_key, ...(headers !== undefined && { headers }) });

describe("POST /rpc", () => {
  test("answers a call with its result", async () => {
    const response = await post(call("job.submit", SUBMIT));
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      jsonrpc: "2.0",
      id: 1,
      result: { job: { name: "train", user: "alice", state: "queued" }, ahead: 0 },
    });
  });

  test("answers an error with the status of the table", async () => {
    const cases = [
      ["{", 400],
      [call("no.such"), 404],
      [call("job.get", {}), 400],
      [call("job.get", { job: "99" }), 404],
      [call("user.list"), 403],
      [call("job.submit", { ...SUBMIT, resources: { ...SUBMIT.resources, cpus: 5 } }), 422],
    ] as const;
    for (const [body, status] of cases) {
      const response = await post(body);
      expect([body, response.status]).toEqual([body, status]);
      expect(await response.json()).toMatchObject({ error: { message: expect.any(String) } });
    }
  });

  test("answers a batch with 200 and notifications alone with 204", async () => {
    const batch = await post([call("user.whoami"), call("no.such")]);
    expect(batch.status).toBe(200);
    expect(await batch.json()).toHaveLength(2);
    const silent = await post({ jsonrpc: "2.0", method: "user.whoami" });
    expect([silent.status, await silent.text()]).toEqual([204, ""]);
  });

  test("takes JSON with a charset and without any type, and nothing that says to be something else", async () => {
    const statusOf = async (type: string) =>
      (await post(call("user.whoami"), { "content-type": type })).status;
    expect(await statusOf("application/json; charset=utf-8")).toBe(200);
    expect(await statusOf("text/plain")).toBe(400);
    expect(await statusOf("application/jsonx")).toBe(400);
    const bare = `POST /rpc HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${alice.api_key}\r\nconnection: close\r\ncontent-length: 48\r\n\r\n{"jsonrpc":"2.0","id":1,"method":"user.whoami" }`;
    expect(await exchangeRaw(rpc.server.port, bare)).toStartWith("HTTP/1.1 200");
  });

  test("takes a body up to the limit and answers 413 above it, announced or not", async () => {
    const text = JSON.stringify(call("user.whoami"));
    expect((await post(text.padEnd(MAX_REQUEST_BYTES, " "))).status).toBe(200);
    expect((await post(text.padEnd(MAX_REQUEST_BYTES + 1, " "))).status).toBe(413);
    const endless = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(65_536).fill(32)),
    });
    const response = await fetch(`${rpc.url}/rpc`, {
      method: "POST",
      body: endless,
      headers: { authorization: `Bearer ${alice.api_key}` },
    });
    expect(response.status).toBe(413);
  });

  test("answers 400 to a body that is not UTF-8", async () => {
    const response = await fetch(`${rpc.url}/rpc`, {
      method: "POST",
      body: Buffer.from([0x22, 0xff, 0x22]),
      headers: { authorization: `Bearer ${alice.api_key}`, "content-type": "application/json" },
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { data: { code: "parse-error" } } });
  });

  test("tells a fault of the server without its insides, and logs it with its stack", async () => {
    rpc.ctx.auth.db.runScript(
      "CREATE TRIGGER broken BEFORE INSERT ON jobs BEGIN SELECT RAISE(ABORT, 'the insides'); END",
    );
    const response = await post(call("job.submit", SUBMIT));
    rpc.ctx.auth.db.runScript("DROP TRIGGER broken");
    expect(response.status).toBe(500);
    const text = await response.text();
    const incident = /incident ([0-9a-f]{8})/.exec(text)?.[1] ?? "none";
    expect(text).toContain("internal-error");
    expect(text).not.toContain("insides");
    const line = rpc.lines.find((each) => each.includes(incident)) ?? "";
    expect(line).toContain("the insides");
    expect(line).toContain("submit.ts");
  });
});

describe("every answer", () => {
  test("names the server, errors and the upgrade too", async () => {
    const key = { authorization: `Bearer ${alice.api_key}` };
    const answers = await Promise.all([
      fetch(`${rpc.url}/healthz`),
      fetch(`${rpc.url}/nowhere`),
      fetch(`${rpc.url}/rpc`),
      fetch(`${rpc.url}/ws`, { headers: key }),
      post(call("user.whoami")),
      rpc.post(call("user.whoami")),
      post({ jsonrpc: "2.0", method: "user.whoami" }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 404, 405, 400, 200, 401, 204]);
    for (const { headers } of answers) {
      expect(headers.get(SERVER_HEADER)).toBe(PRODUCT_VERSION);
      expect(headers.get("cache-control")).toBe("no-store");
    }
  });

  test("to a wrong verb names the right one", async () => {
    const response = await fetch(`${rpc.url}/rpc`);
    expect(response.headers.get("allow")).toBe("POST");
    expect(await response.json()).toMatchObject({ error: { data: { code: "invalid-request" } } });
  });

  test("to an unknown address names the known ones", async () => {
    expect(await (await fetch(`${rpc.url}/`)).text()).toContain("/rpc");
  });
});

describe("/healthz and /readyz", () => {
  test("answer without a key and say nothing more", async () => {
    for (const path of ["/healthz", "/readyz"]) {
      const response = await fetch(`${rpc.url}${path}`);
      expect([path, response.status, await response.text()]).toEqual([path, 200, "ok\n"]);
    }
  });

  test("answer to HEAD, and to HTTP/1.0 without a host", async () => {
    expect((await fetch(`${rpc.url}/healthz`, { method: "HEAD" })).status).toBe(200);
    const answer = await exchangeRaw(rpc.server.port, "GET /healthz HTTP/1.0\r\n\r\n");
    expect(answer).toStartWith("HTTP/1.1 200");
  });
});
