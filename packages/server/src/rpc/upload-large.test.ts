// Large files over real HTTP: one request each, which goes on where an earlier one was cut.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import {
  FRAMES_ENCODING,
  FRAME_HEADER_BYTES,
  manifestText,
  UPLOAD_LENGTH_HEADER,
  UPLOAD_OFFSET_HEADER,
  writeFrameHeader,
  type IssuedKey,
  type SnapshotAnswer,
} from "@fetchml/protocol";
import { revokeKeys } from "../auth/keys.ts";
import { startRpc, until, type RpcFixture } from "./rpc.fixture.ts";
import { sha256 } from "./sent-project.fixture.ts";

let rpc: RpcFixture;
let alice: IssuedKey;
beforeEach(async () => {
  rpc = await startRpc();
  alice = await rpc.give("alice");
});
afterEach(() => rpc.close());

const CONTENT = Buffer.alloc(12_000_000, "some megabytes of it, ");
const HASH = sha256(CONTENT);
const MANIFEST = manifestText({
  version: 1,
  entries: [
    { kind: "file", path: "model", size_bytes: CONTENT.length, hash: HASH, executable: false },
  ],
});

function headersOf(offset: number, more: Readonly<Record<string, string>> = {}) {
  return {
    authorization: `Bearer ${alice.api_key}`,
    [UPLOAD_LENGTH_HEADER]: String(CONTENT.length),
    [UPLOAD_OFFSET_HEADER]: String(offset),
    ...more,
  };
}

function put(body: Bun.BodyInit, headers: Record<string, string>, hash = HASH): Promise<Response> {
  return fetch(`${rpc.url}/blobs/${hash}`, { method: "PUT", body, headers });
}

async function ask(): Promise<SnapshotAnswer> {
  const headers = { authorization: `Bearer ${alice.api_key}` };
  const response = await fetch(`${rpc.url}/snapshots`, { method: "POST", body: MANIFEST, headers });
  return (await response.json()) as SnapshotAnswer;
}

async function codeOf(response: Response): Promise<unknown> {
  const { error } = (await response.json()) as { error?: { data?: { code?: string } } };
  return error?.data?.code;
}

/** Sends the head of an upload and so many bytes of it, and cuts the connection. */
async function sendAndCut(offset: number, bytes: number): Promise<void> {
  const socket = connect(rpc.server.port, "127.0.0.1");
  const head = Object.entries(headersOf(offset)).map(([name, value]) => `${name}: ${value}\r\n`);
  const length = `content-length: ${CONTENT.length - offset}\r\n`;
  socket.write(`PUT /blobs/${HASH} HTTP/1.1\r\nhost: localhost\r\n${length}${head.join("")}\r\n`);
  const part = CONTENT.subarray(offset, offset + bytes);
  await new Promise<void>((resolve) => socket.write(part, () => resolve()));
  await until("most has arrived", () => written() > offset + bytes - HELD_BACK);
  socket.destroy();
  await until("the server has noticed", () => rpc.ctx.auth.connections.size === 0);
}

const begunPath = () => {
  const folder = join(rpc.ctx.dataDir, "snapshots", "begun");
  const [user = "none"] = readdirSync(folder);
  return join(folder, user, HASH);
};
/** The server writes a megabyte at a time. */
const HELD_BACK = 1_100_000;
const written = () => {
  const path = begunPath();
  if (!existsSync(path)) return 0;
  return readFileSync(path).length;
};

describe("PUT /blobs/HASH", () => {
  test("stores a file, after which it is not asked for any more", async () => {
    const response = await put(CONTENT, headersOf(0));
    expect([response.status, await response.json()]).toEqual([200, { stored: 1, complete: false }]);
    expect((await ask()).missing).toEqual([]);
    expect(readdirSync(join(rpc.ctx.dataDir, "snapshots", "tmp"))).toEqual([]);
  });

  test("keeps what has arrived of a cut one; the list of what is missing says how much", async () => {
    await sendAndCut(0, 4_000_000);
    const { begun: [first] = [] } = await ask();
    expect(first?.hash).toBe(HASH);
    expect(first?.received_bytes).toBeWithin(2_000_000, 4_000_001);
    await sendAndCut(first?.received_bytes ?? 0, 3_000_000);
    const { begun: [{ received_bytes = 0 } = {}] = [] } = await ask();
    expect(received_bytes).toBeWithin(4_000_000, 7_000_001);
    expect(readFileSync(begunPath()).equals(CONTENT.subarray(0, received_bytes))).toBe(true);
    const response = await put(CONTENT.subarray(received_bytes), headersOf(received_bytes));
    expect(await response.json()).toEqual({ stored: 1, complete: false });
    expect((await ask()).missing).toEqual([]);
  });

  test("goes on after the server was stopped in the middle", async () => {
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(CONTENT.subarray(0, 4_000_000)),
    });
    const cut = put(body, headersOf(0));
    await until("most has arrived", () => written() > 4_000_000 - HELD_BACK);
    await rpc.server.stop();
    expect(await codeOf(await cut)).toBe("shutting-down");
    // What it held back is written too.
    await until("all of it is kept", () => written() === 4_000_000);
  });

  test("takes frames, and counts what they stand for", async () => {
    const packed = await Bun.zstdCompress(CONTENT.subarray(0, 1_000_000));
    const frame = (form: "plain" | "zstd", body: Uint8Array, plainBytes: number) => {
      const head = new Uint8Array(FRAME_HEADER_BYTES);
      writeFrameHeader(head, { form, wireBytes: body.length, plainBytes });
      return Buffer.concat([head, body]);
    };
    const frames = [frame("zstd", packed, 1_000_000)];
    for (let at = 1_000_000; at < CONTENT.length; at += 1_000_000) {
      frames.push(frame("plain", CONTENT.subarray(at, at + 1_000_000), 1_000_000));
    }
    const headers = headersOf(0, { "content-encoding": FRAMES_ENCODING });
    expect((await put(Buffer.concat(frames), headers)).status).toBe(200);
    expect((await ask()).missing).toEqual([]);
    const bomb = frame("zstd", await Bun.zstdCompress(new Uint8Array(1_000_000)), 1_000_000);
    const more = Buffer.concat(Array.from({ length: 13 }, () => bomb));
    expect(await codeOf(await put(more, headers))).toBe("bad-content");
  });

  test("is told in words what is wrong with it", async () => {
    const length = CONTENT.length;
    const cases: readonly [string, Promise<Response>][] = [
      ["invalid-request", put(CONTENT, { authorization: `Bearer ${alice.api_key}` })],
      ["invalid-request", put(CONTENT, headersOf(length + 1))],
      ["invalid-request", put(CONTENT, headersOf(0, { [UPLOAD_OFFSET_HEADER]: "-1" }))],
      ["invalid-request", put(CONTENT, headersOf(0, { [UPLOAD_LENGTH_HEADER]: "1e3" }))],
      ["invalid-request", put(CONTENT, headersOf(0, { "content-encoding": "br" }))],
      ["conflict", put(CONTENT.subarray(5), headersOf(5))],
      ["bad-content", put(CONTENT.subarray(0, 9), headersOf(0))],
      ["bad-content", put(CONTENT, headersOf(0), "0".repeat(64))],
      ["too-large", put("x", headersOf(0, { [UPLOAD_LENGTH_HEADER]: String(51 * 1024 ** 2) }))],
      ["method-not-found", put(CONTENT, headersOf(0), HASH.toUpperCase())],
      ["method-not-found", put(CONTENT, headersOf(0), "../../etc/passwd")],
    ];
    for (const [code, answer] of cases) expect(await codeOf(await answer)).toBe(code);
    const viewer = await rpc.give("viewer", "viewer");
    const headers = headersOf(0, { authorization: `Bearer ${viewer.api_key}` });
    expect((await put(CONTENT, headers)).status).toBe(403);
    expect((await fetch(`${rpc.url}/blobs/${HASH}`, { method: "PUT", body: "" })).status).toBe(401);
  });

  test("ends before key.revoke returns, and nothing more of it is written", async () => {
    let more: ReadableStreamDefaultController | undefined;
    const body = new ReadableStream({
      start: (controller) => {
        more = controller;
        controller.enqueue(CONTENT.subarray(0, 4_000_000));
      },
    });
    const cut = put(body, headersOf(0));
    await until("most has arrived", () => written() > 4_000_000 - HELD_BACK);
    await revokeKeys(rpc.ctx.auth, { actor: "root", address: null }, { id: alice.id });
    more?.enqueue(CONTENT.subarray(4_000_000));
    expect(await codeOf(await cut)).toBe("key-revoked");
    await until("the server is done with it", () => written() === 4_000_000);
  });
});
