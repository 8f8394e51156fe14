// WebSocket connections under good and bad clients.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { connect, type Socket } from "node:net";
import { MAX_REQUEST_BYTES, type IssuedKey } from "@fetchml/protocol";
import { JsonRpcClient } from "./json-rpc-client.fixture.ts";
import { clientFrame, exchangeRaw, upgradeRequest } from "./raw-http.fixture.ts";
import { startRpc, until, type RpcFixture } from "./rpc.fixture.ts";
import { SUBMIT } from "./submit.fixture.ts";

let rpc: RpcFixture;
let alice: IssuedKey;

beforeEach(async () => {
  rpc = await startRpc();
  alice = await rpc.give("alice");
});
afterEach(() => rpc.close());

const key = () => ({ authorization: `Bearer ${alice.api_key}` });
const open = () => JsonRpcClient.connect(`${rpc.url.replace("http", "ws")}/ws`, key());

/** Sends one raw frame on a fresh connection; resolves with the close code that came back. */
async function closeCodeAfter(frame: Buffer): Promise<number> {
  const bytes = Buffer.concat([Buffer.from(upgradeRequest(key())), frame]);
  const answer = await exchangeRaw(rpc.server.port, bytes);
  const close = /\u0088[^]([^])([^])[^]*$/.exec(answer);
  return ((close?.[1]?.charCodeAt(0) ?? 0) << 8) | (close?.[2]?.charCodeAt(0) ?? 0);
}

describe("a frame", () => {
  test("may have up to 64 kB", async () => {
    const client = await open();
    const text = '{"jsonrpc":"2.0","id":1,"method":"user.whoami"}';
    client.send(text.padEnd(MAX_REQUEST_BYTES, " "));
    await client.until("the answer", () => client.frames.some((f) => "id" in f && f.id === 1));
  });

  test("that is larger ends the connection with 1009", async () => {
    expect(await closeCodeAfter(clientFrame(1, new Uint8Array(MAX_REQUEST_BYTES + 1)))).toBe(1009);
    expect(await closeCodeAfter(clientFrame(1, new Uint8Array(1_048_576)))).toBe(1009);
  });

  test("that is not UTF-8 ends the connection with 1007", async () => {
    expect(await closeCodeAfter(clientFrame(1, new Uint8Array([0xff, 0xfe])))).toBe(1007);
  });

  test("that is binary ends the connection with 1003", async () => {
    expect(await closeCodeAfter(clientFrame(2, new Uint8Array([1, 2, 3])))).toBe(1003);
  });

  test("may come 100,000 times in a row, and each is answered", async () => {
    const client = await open();
    for (let id = 0; id < 100_000; id++) {
      client.send(`{"jsonrpc":"2.0","id":"${id}","method":"user.whoami"}`);
    }
    await client.until("all answers", () => client.frames.length > 100_000);
    const ids = client.frames.flatMap((frame) => ("id" in frame ? [Number(frame.id)] : []));
    expect(new Set(ids).size).toBe(100_000);
  }, 60_000);

  test("that asks for a write is answered when hundreds wait for the disk at the same time", async () => {
    const client = await open();
    const submits = Array.from({ length: 2_000 }, () => client.result("job.submit", SUBMIT));
    const ids = (await Promise.all(submits)).map(({ job }) => job.id);
    expect(new Set(ids).size).toBe(2_000);
  }, 60_000);
});

describe("a connection", () => {
  test("that is gone is forgotten", async () => {
    const client = await open();
    await until("it is known", () => rpc.ctx.auth.connections.size === 1);
    client.close();
    await until("it is forgotten", () => rpc.ctx.auth.connections.size === 0);
  });

  test("that asks and never reads makes its own requests wait, and nobody else's", async () => {
    const other = await open();
    const deaf = await deafConnection();
    // Each answer is some 40 kB: all of them would be 800 MB.
    const ask = clientFrame(1, Buffer.from('{"jsonrpc":"2.0","id":1,"method":"rpc.discover"}'));
    const memory = process.memoryUsage.rss();
    deaf.write(Buffer.concat(Array.from({ length: 20_000 }, () => ask)));
    for (let i = 0; i < 2_000; i++) await other.result("user.whoami");
    expect(process.memoryUsage.rss() - memory).toBeLessThan(300 * 1_048_576);
    expect(rpc.ctx.auth.connections.size).toBe(2);
    deaf.destroy();
    await until("it is forgotten", () => rpc.ctx.auth.connections.size === 1);
  }, 60_000);

  test("that is behind with its news is ended with a reason in the log", async () => {
    const other = await open();
    const deaf = await deafConnection();
    const ended = new Promise<void>((resolve) => deaf.on("close", () => resolve()));
    deaf.on("error", () => undefined);
    // Each change is told 256 times to the one that does not read.
    const batch = Array.from({ length: 32 }, () => ({
      jsonrpc: "2.0",
      id: 1,
      method: "job.subscribe",
    }));
    const frame = clientFrame(1, Buffer.from(JSON.stringify(batch)));
    for (let i = 0; i < 8; i++) deaf.write(frame);
    for (let i = 0; i < 400; i++) await other.result("job.submit", SUBMIT);
    await until("it is too slow", () => rpc.lines.some((line) => line.includes("too-slow")));
    await until("it is gone", () => rpc.ctx.auth.connections.size === 1);
    expect(await other.result("user.whoami")).toMatchObject({ user: "alice" });
    deaf.resume();
    await ended;
  }, 60_000);

  test("that sends more than it waits for is ended with 1008", async () => {
    const deaf = await deafConnection();
    deaf.on("error", () => undefined);
    const ask = '{"jsonrpc":"2.0","id":1,"method":"rpc.discover"}'.padEnd(60_000, " ");
    const frame = clientFrame(1, Buffer.from(ask));
    for (let i = 0; i < 1_000 && !deaf.destroyed; i++) deaf.write(frame);
    await until("it is gone", () => rpc.ctx.auth.connections.size === 0);
    deaf.destroy();
  }, 60_000);
});

/** A raw connection that is upgraded and reads nothing. */
async function deafConnection(): Promise<Socket> {
  const before = rpc.ctx.auth.connections.size;
  const socket = connect(rpc.server.port, "127.0.0.1", () => socket.write(upgradeRequest(key())));
  socket.pause();
  await until("it is open", () => rpc.ctx.auth.connections.size === before + 1);
  return socket;
}
