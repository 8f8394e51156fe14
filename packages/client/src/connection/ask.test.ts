// Tests of questions over plain HTTP.
import { afterEach, describe, expect, test } from "bun:test";
import { FetchmlError, SERVER_HEADER } from "@fetchml/protocol";
import type { Endpoint } from "../client.ts";
import { ask } from "./ask.ts";
import { startScriptedServer } from "./scripted-server.fixture.ts";

const API_KEY = "a-key";
const opened: { stop(closeActive?: boolean): Promise<void> }[] = [];

afterEach(async () => {
  for (const server of opened.splice(0)) await server.stop(true);
});

function serve(answer: (request: Request) => Response | Promise<Response>): Endpoint {
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: answer });
  opened.push(server);
  const apiUrl = `ws://127.0.0.1:${server.port}/ws`;
  return { apiUrl, apiKey: API_KEY, clientName: "test/1" };
}

const headers = { [SERVER_HEADER]: "9.9.9" };

function asked(endpoint: Endpoint): Promise<unknown> {
  return ask(endpoint, "user.whoami", {}).catch((error: unknown) => error);
}

describe("ask()", () => {
  test("sends one request with the key and the call, and gives the result", async () => {
    const seen: unknown[] = [];
    const endpoint = serve(async (request) => {
      const { method, headers: sent, url } = request;
      const body = JSON.parse(await request.text());
      seen.push([method, new URL(url).pathname, sent.get("authorization"), body]);
      return Response.json({ jsonrpc: "2.0", id: 1, result: { user: "alice" } }, { headers });
    });
    expect(await asked(endpoint)).toEqual({ user: "alice" });
    const call = { jsonrpc: "2.0", id: 1, method: "user.whoami", params: {} };
    expect(seen).toEqual([["POST", "/rpc", `Bearer ${API_KEY}`, call]]);
  });

  test("passes on the server's refusal, whatever the HTTP status", async () => {
    const error = { code: -32001, message: "No.", data: { code: "not-allowed" } };
    for (const status of [200, 403]) {
      const endpoint = serve(() =>
        Response.json({ jsonrpc: "2.0", id: 1, error }, { status, headers }),
      );
      expect(await asked(endpoint)).toMatchObject({ code: "not-allowed", message: "No." });
    }
  });

  test("gives up when no answer comes in time", async () => {
    const endpoint = serve(() => new Promise(() => undefined));
    const error = await asked({ ...endpoint, connectTimeoutMs: 50 });
    expect(error).toMatchObject({ code: "unreachable" });
  });

  test("tells of a server that answers with something else", async () => {
    const endpoint = serve(() => new Response("[]", { headers }));
    expect(await asked(endpoint)).toMatchObject({ code: "not-fetchml" });
  });

  test("asks over a WebSocket where a proxy lets nothing else through", async () => {
    using server = startScriptedServer({
      before: (request) =>
        new URL(request.url).pathname === "/ws" ? undefined : new Response("", { status: 404 }),
      answers: { "user.whoami": () => ({ user: "alice" }) },
    });
    expect(await asked(server.endpoint)).toEqual({ user: "alice" });
  });

  test("tells what answers where no FetchML does", async () => {
    const error = await asked(serve(() => new Response("metrics")));
    expect(error).toBeInstanceOf(FetchmlError);
    expect(error).toMatchObject({ code: "not-fetchml" });
  });
});
