// Keys at the door: in the right place, in wrong places, and in none.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { IssuedKey } from "@fetchml/protocol";
import { JsonRpcClient } from "./json-rpc-client.fixture.ts";
import { exchangeRaw, upgradeRequest } from "./raw-http.fixture.ts";
import { startRpc, type RpcFixture } from "./rpc.fixture.ts";
import { SUBMIT } from "./submit.fixture.ts";

let rpc: RpcFixture;
let alice: IssuedKey;

beforeAll(async () => {
  rpc = await startRpc();
  alice = await rpc.give("alice");
});
afterAll(() => rpc.close());

const whoami = { jsonrpc: "2.0", id: 1, method: "user.whoami" };

async function codeOf(response: Response) {
  const { error } = (await response.json()) as { error?: { data?: { code?: string } } };
  return error?.data?.code;
}

/** Status line and body of an upgrade with these headers, as they came. */
function upgrade(headers: Record<string, string>): Promise<string> {
  return exchangeRaw(rpc.server.port, upgradeRequest(headers), /\r\n\r\n.*[}]|\r\n\r\n[^]*hello/);
}

describe("a key at the door", () => {
  test("is taken from the Authorization header", async () => {
    expect((await rpc.post(whoami, { key: alice.api_key })).status).toBe(200);
    expect(await upgrade({ authorization: `Bearer ${alice.api_key}` })).toStartWith("HTTP/1.1 101");
  });

  test("gets 401 and what to do when it is missing, malformed or wrong, never 500", async () => {
    const wrong = "fetchml_kpazxttmnfwpqvn7htakzj9hnk67xw0errda";
    const headers: readonly (readonly [Record<string, string>, string])[] = [
      [{}, "key-missing"],
      [{ authorization: "" }, "key-missing"],
      [{ authorization: "Bearer" }, "key-missing"],
      [{ authorization: "Basic YWxpY2U6eA==" }, "key-malformed"],
      [{ authorization: `Bearer ${alice.api_key_hash}` }, "key-malformed"],
      [{ authorization: `Bearer ${alice.api_key}, Bearer ${alice.api_key}` }, "key-malformed"],
      [{ authorization: `Bearer ${"x".repeat(8_000)}` }, "key-malformed"],
      [{ authorization: `Bearer ${wrong}` }, "key-invalid"],
    ];
    for (const [each, code] of headers) {
      const response = await rpc.post(whoami, { headers: each });
      expect([each, response.status]).toEqual([each, 401]);
      const challenge = response.headers.get("www-authenticate");
      expect(challenge).toStartWith('Bearer realm="fetchml"');
      expect(challenge?.includes('error="invalid_token"')).toBe(code !== "key-missing");
      expect(await codeOf(response)).toBe(code);
      const refused = await upgrade(each);
      expect(refused).toStartWith("HTTP/1.1 401");
      expect(refused).toContain(`"code":"${code}"`);
    }
  });

  test("in a header of 64 kB, or with raw bytes in it, is refused and no fault of the server", async () => {
    const huge = await upgrade({ authorization: `Bearer ${"x".repeat(65_536)}` });
    expect(huge).toMatch(/^HTTP\/1\.1 4\d\d/);
    const raw = Buffer.from(upgradeRequest({ authorization: "Bearer \u00ff\u0000" }), "latin1");
    expect(await exchangeRaw(rpc.server.port, raw)).toMatch(/^HTTP\/1\.1 4\d\d/);
  });

  test("sent in two headers is refused", async () => {
    const twice = upgradeRequest({ authorization: `Bearer ${alice.api_key}` }).replace(
      "upgrade:",
      `authorization: Bearer ${alice.api_key}\r\nupgrade:`,
    );
    expect(await exchangeRaw(rpc.server.port, twice, /\r\n\r\n.*[}]/)).toStartWith("HTTP/1.1 401");
  });

  test("is slowed down with Retry-After when many were wrong, and a right one is let in at once", async () => {
    const wrong = { authorization: "Bearer nonsense" };
    let last = await rpc.post(whoami, { headers: wrong });
    for (let i = 0; i < 30 && last.status === 401; i++) {
      last = await rpc.post(whoami, { headers: wrong });
    }
    expect(last.status).toBe(429);
    expect(Number(last.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await rpc.post(whoami, { key: alice.api_key })).status).toBe(200);
  });
});

describe("a key in a wrong place", () => {
  const authorization = () => ({ authorization: `Bearer ${alice.api_key}` });

  test("is refused in query, path and cookie, beside a right header too", async () => {
    const key = alice.api_key;
    const escaped = (letter: string) => `%${letter.charCodeAt(0).toString(16)}`;
    const tries: readonly (readonly [string, Record<string, string>])[] = [
      [`/rpc?api_key=${key}`, {}],
      [`/rpc?k=${key}`, authorization()],
      [`/rpc?k=${encodeURIComponent(key).replace("_", "%5F")}`, authorization()],
      [`/rpc?a=%&b=%ff&k=${key.replace("f", "%66")}`, authorization()],
      [`/rpc?k=${key.replace(/./g, escaped)}`, authorization()],
      [`/${key}/rpc`, authorization()],
      [`/healthz?${key}`, {}],
      ["/rpc", { cookie: `key=${key}`, ...authorization() }],
      ["/rpc", { cookie: `a=%; key=${key.replace("f", "%66")}`, ...authorization() }],
    ];
    for (const [path, headers] of tries) {
      const response = await fetch(`${rpc.url}${path}`, {
        method: "POST",
        body: JSON.stringify(whoami),
        headers,
      });
      expect([path, response.status]).toEqual([path, 400]);
      expect(await response.text()).toContain("have it revoked");
    }
    expect(
      await JsonRpcClient.connect(
        `${rpc.url.replace("http", "ws")}/ws?key=${key}`,
        authorization(),
      ).catch((error: unknown) => error),
    ).toBeInstanceOf(Error);
  });

  test("is refused in a body and in a frame, where it would be stored", async () => {
    const submit = { ...SUBMIT, env: { ML_API_KEY: alice.api_key } };
    const request = { jsonrpc: "2.0", id: 1, method: "job.submit", params: submit };
    const response = await rpc.post(request, { key: alice.api_key });
    expect(await codeOf(response)).toBe("invalid-params");
    const client = await JsonRpcClient.connect(
      `${rpc.url.replace("http", "ws")}/ws`,
      authorization(),
    );
    const answer = await client.call("job.submit", submit);
    expect(answer.error?.data?.code).toBe("invalid-params");
    expect(JSON.stringify(answer)).not.toContain(alice.api_key);
    const jobs = await client.result("job.list", { all: true });
    expect(jobs["jobs"]).toEqual([]);
  });

  test("is refused in a body also where a letter of it is written as an escape", async () => {
    const submit = { ...SUBMIT, env: { ML_API_KEY: alice.api_key } };
    const text = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "job.submit", params: submit });
    for (const letter of ["_", alice.api_key.at(-1) ?? ""]) {
      const escape = `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`;
      const key = alice.api_key;
      const at = letter === "_" ? key.indexOf("_") : key.length - 1;
      const body = text.replace(key, `${key.slice(0, at)}${escape}${key.slice(at + 1)}`);
      expect(body).not.toContain(key);
      const response = await fetch(`${rpc.url}/rpc`, {
        method: "POST",
        body,
        headers: authorization(),
      });
      expect(await codeOf(response)).toBe("invalid-params");
    }
  });

  test("with a slip in it is not shown back", async () => {
    const slip = `${alice.api_key.slice(0, -1)}${alice.api_key.endsWith("q") ? "p" : "q"}`;
    const request = { jsonrpc: "2.0", id: 1, method: "job.get", params: { job: slip } };
    const text = await (await rpc.post(request, { key: alice.api_key })).text();
    expect(text).toContain("job-not-found");
    expect(text).not.toContain(slip);
  });

  test("is in no line of the log, nor is a hash", () => {
    const log = rpc.lines.join("");
    expect(log).toContain("key-refused");
    expect(log).not.toContain(alice.api_key.slice(12));
    expect(log).not.toContain(alice.api_key_hash);
  });
});
