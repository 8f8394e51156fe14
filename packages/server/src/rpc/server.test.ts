// The server's doors: opened, closed, and what stands in their way.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DEFAULT_PORT, FetchmlError, SERVER_HEADER } from "@fetchml/protocol";
import { JsonRpcClient } from "./json-rpc-client.fixture.ts";
import { listenError } from "./listen-error.ts";
import { startRpc, type RpcFixture } from "./rpc.fixture.ts";
import { createRpcServer, type RpcServerOptions } from "./server.ts";
import { SUBMIT } from "./submit.fixture.ts";

let rpc: RpcFixture;

beforeEach(async () => {
  rpc = await startRpc();
});
afterEach(() => rpc.close());

function another(options: Partial<RpcServerOptions>) {
  return createRpcServer({
    ctx: rpc.ctx,
    listen: { hostname: "127.0.0.1", port: 0 },
    allowedHosts: [],
    socketPath: join(rpc.ctx.dataDir, "other.sock"),
    localUser: "root",
    ...options,
  });
}

describe("start()", () => {
  test("opens a socket that only its owner may use", () => {
    expect(statSync(rpc.socketPath).mode & 0o777).toBe(0o600);
  });

  test("takes the place of a socket that a dead server has left", async () => {
    const socketPath = join(rpc.ctx.dataDir, "stale.sock");
    writeFileSync(socketPath, "");
    const server = another({ socketPath });
    await server.start();
    const response = await fetch("http://localhost/healthz", { unix: socketPath });
    expect(response.headers.has(SERVER_HEADER)).toBe(true);
    await server.stop();
  });

  test("refuses a port that is taken, and opens nothing", async () => {
    const socketPath = join(rpc.ctx.dataDir, "never.sock");
    const server = another({
      listen: { hostname: "127.0.0.1", port: rpc.server.port },
      socketPath,
    });
    expect(await server.start().catch((error: unknown) => error)).toMatchObject({
      code: "port-taken",
      message: expect.stringContaining(`127.0.0.1:${rpc.server.port}`),
    });
    expect(existsSync(socketPath)).toBe(false);
    await server.stop();
  });

  test("names node_exporter where its port is the one taken", () => {
    const cause = Object.assign(new Error("taken"), { code: "EADDRINUSE" });
    const error = listenError({ hostname: "127.0.0.1", port: DEFAULT_PORT }, cause);
    expect(error).toBeInstanceOf(FetchmlError);
    expect(String(error)).toContain("node_exporter");
    expect(String(error).split("\n").length).toBeLessThanOrEqual(3);
  });

  test("refuses an address that is not this box's", async () => {
    const server = another({ listen: { hostname: "192.0.2.1", port: 0 } });
    expect(await server.start().catch((error: unknown) => error)).toMatchObject({
      code: "box-unfit",
    });
    await server.stop();
  });

  test("refuses a socket whose path is too long, and lets go of the port", async () => {
    const server = another({ socketPath: join(rpc.ctx.dataDir, "x".repeat(100)) });
    expect(await server.start().catch((error: unknown) => error)).toMatchObject({
      code: "box-unfit",
    });
    const missing = another({ socketPath: join(rpc.ctx.dataDir, "none", "x.sock") });
    expect(await missing.start().catch((error: unknown) => error)).toMatchObject({
      code: "box-unfit",
    });
    await server.stop();
    await missing.stop();
  });
});

describe("stop()", () => {
  test("closes sockets with 1001 and takes its socket file away", async () => {
    const box = await JsonRpcClient.connect(`ws+unix://${rpc.socketPath}:/ws`);
    await rpc.server.stop();
    expect(await box.closed).toEqual({ code: 1001, reason: "The server is stopping." });
    expect(existsSync(rpc.socketPath)).toBe(false);
    expect(await fetch(`${rpc.url}/healthz`).catch((error: unknown) => error)).toBeInstanceOf(
      Error,
    );
  });

  test("sends the answers of what is at work before it closes", async () => {
    const { api_key } = await rpc.give("alice");
    const headers = { authorization: `Bearer ${api_key}` };
    const client = await JsonRpcClient.connect(`${rpc.url.replace("http", "ws")}/ws`, headers);
    const answers = Array.from({ length: 50 }, () => client.result("job.submit", SUBMIT));
    const posted = rpc.post({ jsonrpc: "2.0", id: 1, method: "user.whoami" }, { key: api_key });
    // The server sees the frames only when it next looks at its sockets.
    await answers[0];
    await rpc.server.stop();
    const settled = await Promise.all(answers);
    expect(settled.map(({ job }) => job.id)).toHaveLength(50);
    expect((await posted).status).toBe(200);
    expect((await client.closed).code).toBe(1001);
  });

  test("may be called twice, and before start()", async () => {
    await Promise.all([rpc.server.stop(), rpc.server.stop()]);
    await rpc.server.stop();
    await another({}).stop();
  });
});
