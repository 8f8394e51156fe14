// Downloads of code that do not go to their end: deaf receivers, gone receivers, ended keys, a stopping server.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { connect, type Socket } from "node:net";
import type { IssuedKey } from "@fetchml/protocol";
import { revokeKeys } from "../auth/keys.ts";
import { startRpc, until, type RpcFixture } from "./rpc.fixture.ts";
import { sendProject, sha256 } from "./sent-project.fixture.ts";

// 24 MiB: more than the kernel takes in advance.
const LARGE = "0123456789abcdef".repeat(3 * 2 ** 19);
const LARGER = `${LARGE}!`;

let rpc: RpcFixture;
let alice: IssuedKey;
let jobId: number;

beforeEach(async () => {
  rpc = await startRpc();
  alice = await rpc.give("alice");
  ({ jobId } = await sendProject(rpc, alice.api_key, { "1.bin": LARGE, "2.bin": LARGER }));
});
afterEach(() => rpc.close());

/** How far each blob that is open now has been read, in bytes. */
function openBlobs(): readonly number[] {
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      if (!readlinkSync(`/proc/self/fd/${fd}`).includes(`${rpc.ctx.dataDir}/snapshots/`)) return [];
      return [Number(/^pos:\s*(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "utf8"))?.[1])];
    } catch {
      return [];
    }
  });
}

interface Deaf {
  readonly socket: Socket;
  /** Takes what still comes; how many bytes it was in all when the other side closes. */
  takeRest(): Promise<number>;
}

/** Asks for both files and takes nothing of the answer but its beginning. */
async function askDeaf(): Promise<Deaf> {
  const body = JSON.stringify({ hashes: [sha256(LARGE), sha256(LARGER)] });
  const head = `POST /jobs/${jobId}/blobs HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${alice.api_key}\r\n`;
  const socket = connect(rpc.server.port, "127.0.0.1", () =>
    socket.write(`${head}content-length: ${body.length}\r\n\r\n${body}`),
  );
  let bytes = 0;
  const closed = new Promise<number>((resolve) => {
    socket.on("close", () => resolve(bytes));
  });
  socket.on("error", () => undefined);
  await new Promise<void>((resolve) => {
    socket.on("data", (data) => {
      if (bytes === 0) socket.pause();
      bytes += data.length;
      resolve();
    });
  });
  return {
    socket,
    takeRest: () => {
      socket.resume();
      return closed;
    },
  };
}

const revoke = () => revokeKeys(rpc.ctx.auth, { actor: "root", address: null }, { id: alice.id });

describe("a streamed answer", () => {
  test("is read no faster than it is taken", async () => {
    const { socket } = await askDeaf();
    await until("a file is open", () => openBlobs().length === 1);
    let before = -1;
    // What the kernel takes in advance is soon full; then the place in the file stands still.
    await until("the reading stands still", async () => {
      const [now = 0] = openBlobs();
      await Bun.sleep(100);
      const isStill = now === before;
      before = now;
      return isStill;
    });
    expect(openBlobs()).toHaveLength(1);
    expect(before).toBeLessThan(LARGE.length);
    socket.destroy();
    await until("the file is closed", () => openBlobs().length === 0);
  });

  test("is cut when its key is revoked, also while its receiver takes nothing", async () => {
    const deaf = await askDeaf();
    await until("a file is open", () => openBlobs().length === 1);
    await revoke();
    await until("the file is closed", () => openBlobs().length === 0);
    expect(await deaf.takeRest()).toBeLessThan(LARGE.length);
  });

  test("that is cut is seen to be cut by an HTTP client", async () => {
    const response = await fetch(`${rpc.url}/jobs/${jobId}/blobs`, {
      method: "POST",
      body: JSON.stringify({ hashes: [sha256(LARGE), sha256(LARGER)] }),
      headers: { authorization: `Bearer ${alice.api_key}` },
    });
    await revoke();
    const outcome = await response.arrayBuffer().then(
      () => "whole",
      () => "cut",
    );
    expect(outcome).toBe("cut");
  });

  test("does not keep the server from stopping", async () => {
    const { socket } = await askDeaf();
    await rpc.server.stop();
    expect(openBlobs()).toEqual([]);
    socket.destroy();
  }, 30_000);

  test("is forgotten when its receiver leaves before the answer", async () => {
    for (let i = 0; i < 20; i++) {
      const controller = new AbortController();
      const asked = fetch(`${rpc.url}/jobs/${jobId}/manifest`, {
        headers: { authorization: `Bearer ${alice.api_key}` },
        signal: controller.signal,
      });
      setTimeout(() => controller.abort(), i / 4);
      await asked.then((response) => response.text()).catch(() => undefined);
    }
    const { connections } = rpc.ctx.auth;
    await until("no transfer is under way", () => connections.size === 0);
    expect(openBlobs()).toEqual([]);
  });
});
