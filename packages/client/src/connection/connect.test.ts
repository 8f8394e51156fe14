// Tests of connecting: what a person is told when the server is not there, not FetchML, or says no.
import { afterEach, describe, expect, test } from "bun:test";
import { createServer, type Server, type Socket } from "node:net";
import { FetchmlError, PROTOCOL_VERSION, SERVER_HEADER } from "@fetchml/protocol";
import type { Endpoint } from "../client.ts";
import { callOnce, connect } from "./connect.ts";
import {
  errorResponse,
  helloFrame,
  RIGHT_KEY,
  startScriptedServer,
  type Script,
} from "./scripted-server.fixture.ts";
import { until } from "./until.fixture.ts";

const open: Disposable[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one[Symbol.dispose]();
});

describe("connect()", () => {
  test("resolves on the hello and calls work at once", async () => {
    const server = start({ answers: { "server.status": () => ({ fine: true }) } });
    const client = await connect(server.endpoint);
    expect(await client.call("server.status", {})).toEqual({ fine: true } as never);
    client.close();
    expect(await client.closed).toBeNull();
  });

  test("sends key, protocol and client name as headers, and nothing in the address", async () => {
    const server = start();
    (await connect(server.endpoint)).close();
    const request = server.requests[0];
    expect(request?.headers.get("authorization")).toBe(`Bearer ${RIGHT_KEY}`);
    expect(request?.headers.get("fetchml-protocol")).toBe(String(PROTOCOL_VERSION));
    expect(request?.headers.get("fetchml-client")).toBe("test/1");
    expect(request?.url.href).toBe(server.endpoint.apiUrl.replace("ws:", "http:"));
    expect(server.requests).toHaveLength(1);
  });

  test("says that nothing listens, and how to open the tunnel", async () => {
    const port = await freePort();
    const error = await failureOf(endpointOn(port));
    expect(error.code).toBe("unreachable");
    expect(error.message).toBe(
      `Cannot reach FetchML at ws://localhost:${port}/ws: connection refused. ` +
        `Is the SSH tunnel up? Try "ml tunnel you@box"`,
    );
  });

  test("says that a name is not known", async () => {
    const error = await failureOf({
      ...endpointOn(1),
      apiUrl: "ws://no-such-host.invalid:9100/ws",
    });
    expect(error.code).toBe("unreachable");
    expect(error.message).toContain('the name "no-such-host.invalid" is not known');
  });

  test("asks once why an upgrade was refused and gives the server's own reason", async () => {
    const server = start();
    const error = await failureOf({ ...server.endpoint, apiKey: "fetchml_wrong" });
    expect(error.code).toBe("key-invalid");
    expect(error.message).toBe("The key is wrong.");
    expect(server.requests.map(({ url }) => url.pathname)).toEqual(["/ws", "/rpc"]);
  });

  for (const code of ["key-expired", "key-revoked", "not-allowed", "too-many-failures"] as const) {
    test(`passes on ${code}`, async () => {
      const server = start({ before: () => errorResponse(code, "Said so.") });
      expect(await failureOf(server.endpoint)).toMatchObject({ code, message: "Said so." });
    });
  }

  test("passes on the server's protocol-mismatch", async () => {
    const server = start({ before: () => errorResponse("protocol-mismatch", "Upgrade ml.") });
    expect((await failureOf(server.endpoint)).code).toBe("protocol-mismatch");
  });

  test("says which side to upgrade when the hello is of another protocol", async () => {
    const newer = await failureOf(start({ hello: helloFrame(PROTOCOL_VERSION + 1) }).endpoint);
    expect(newer.code).toBe("protocol-mismatch");
    expect(newer.message).toContain("Upgrade ml on this machine");
    const older = await failureOf(start({ hello: helloFrame(PROTOCOL_VERSION - 1) }).endpoint);
    expect(older.code).toBe("protocol-mismatch");
    expect(older.message).toContain("Upgrade FetchML on the server");
    expect(older.message.split("\n").length).toBeLessThanOrEqual(3);
  });

  test("names node_exporter's port when something else answers over HTTP", async () => {
    const server = start({ before: () => new Response("metrics here", { status: 404 }) });
    const error = await failureOf(server.endpoint);
    expect(error.code).toBe("not-fetchml");
    expect(error.message).toContain("HTTP status 404");
    expect(error.message).toContain("node_exporter");
  });

  test("tells a proxy without its server from another program", async () => {
    const server = start({ before: () => new Response("bad gateway", { status: 502 }) });
    const error = await failureOf(server.endpoint);
    expect(error.code).toBe("unreachable");
    expect(error.message).toContain("502");
  });

  test("tells a proxy that does not pass on upgrades", async () => {
    const server = start({
      before: (request) =>
        request.method === "GET"
          ? new Response("", { status: 400, headers: { [SERVER_HEADER]: "1" } })
          : undefined,
    });
    expect((await failureOf(server.endpoint)).message).toContain("refuses WebSockets");
  });

  test("never follows a redirect with the key", async () => {
    const target = start();
    const server = start({
      before: (request) =>
        Response.redirect(`http://localhost:${target.port}${new URL(request.url).pathname}`, 307),
    });
    const error = await failureOf(server.endpoint);
    expect(error.code).toBe("not-fetchml");
    expect(error.message).toContain(`http://localhost:${target.port}`);
    expect(target.requests).toHaveLength(0);
  });

  test("recognises an SSH server", async () => {
    const port = await listen((socket) => socket.write("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"));
    const error = await failureOf(endpointOn(port));
    expect(error.code).toBe("not-fetchml");
    expect(error.message).toContain("does not speak HTTP");
  });

  test("gives up on a port that takes connections and never answers", async () => {
    const port = await listen(() => undefined);
    const error = await failureOf({ ...endpointOn(port), connectTimeoutMs: 50 });
    expect(error.code).toBe("unreachable");
    expect(error.message).toContain("no answer within 0.05 s");
  });

  test("says what a tunnel without a server behind it looks like", async () => {
    const port = await listen((socket) => socket.destroy());
    const error = await failureOf(endpointOn(port));
    expect(error.code).toBe("unreachable");
    expect(error.message).toContain("does the server run on the box?");
  });

  test("gives up on a WebSocket server that says no hello", async () => {
    const server = start({ hello: null });
    const error = await failureOf({ ...server.endpoint, connectTimeoutMs: 50 });
    expect(error.code).toBe("not-fetchml");
    expect(error.message).toContain("no hello");
  });

  test("leaves a WebSocket server that says something else", async () => {
    for (const hello of ["welcome", '{"jsonrpc":"2.0","method":"hello","params":{}}', "[]"]) {
      expect((await failureOf(start({ hello }).endpoint)).code).toBe("not-fetchml");
    }
  });

  test("says that TLS is not spoken there", async () => {
    const { port } = start();
    const error = await failureOf({ ...endpointOn(port), apiUrl: `wss://localhost:${port}/ws` });
    expect(error.code).toBe("unreachable");
    expect(error.message).toContain("TLS handshake failed (it does not speak TLS on that port)");
  });

  test("never names the key in an error", async () => {
    const refused = await failureOf(endpointOn(await freePort()));
    const stranger = start({ before: () => new Response("", { status: 404 }) });
    for (const error of [refused, await failureOf(stranger.endpoint)]) {
      expect(Bun.inspect(error)).not.toContain(RIGHT_KEY);
    }
  });
});

describe("callOnce()", () => {
  test("answers and leaves no connection behind", async () => {
    const server = start({ answers: { "user.whoami": () => ({ user: "alice" }) } });
    expect(await callOnce(server.endpoint, "user.whoami", {})).toMatchObject({ user: "alice" });
    await until(() => server.peers.length === 0);
  });
});

function start(script: Script = {}) {
  const server = startScriptedServer(script);
  open.push(server);
  return server;
}

async function failureOf(endpoint: Endpoint): Promise<FetchmlError> {
  const error: unknown = await connect(endpoint).catch((cause: unknown) => cause);
  if (error instanceof FetchmlError) return error;
  throw new Error(`not a FetchmlError: ${String(error)}`);
}

function endpointOn(port: number): Endpoint {
  return { apiUrl: `ws://localhost:${port}/ws`, apiKey: RIGHT_KEY, clientName: "test/1" };
}

/** Listens with bare TCP on a free port. */
async function listen(onSocket: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    onSocket(socket);
  });
  const port = await portOf(server);
  open.push({
    [Symbol.dispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  });
  return port;
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function portOf(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "localhost", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}
