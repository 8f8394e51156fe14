// Manifests and blobs over real HTTP into a real snapshot store.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import {
  encodeBlobHeader,
  manifestText,
  SERVER_HEADER,
  type IssuedKey,
  type ManifestEntry,
} from "@fetchml/protocol";
import { issueKey, revokeKeys } from "../auth/keys.ts";
import { startRpc, until, type RpcFixture } from "./rpc.fixture.ts";
import { SUBMIT } from "./submit.fixture.ts";

let rpc: RpcFixture;
let alice: IssuedKey;

beforeEach(async () => {
  rpc = await startRpc();
  alice = await rpc.give("alice");
});
afterEach(() => rpc.close());

const sha256 = (data: string | Uint8Array) => createHash("sha256").update(data).digest("hex");

function manifestOf(files: Readonly<Record<string, string>>): string {
  const entries = Object.entries(files).map(([path, content]): ManifestEntry => ({
    kind: "file",
    path,
    size_bytes: Buffer.byteLength(content),
    hash: sha256(content),
    executable: false,
  }));
  return manifestText({ version: 1, entries });
}

function blobs(...contents: readonly string[]): Buffer {
  return Buffer.concat(
    contents.flatMap((content) => {
      const bytes = Buffer.from(content);
      return [encodeBlobHeader({ hash: sha256(bytes), sizeBytes: bytes.length }), bytes];
    }),
  );
}

function send(path: string, body: Bun.BodyInit, key = alice.api_key): Promise<Response> {
  return fetch(`${rpc.url}${path}`, {
    method: "POST",
    body,
    headers: { authorization: `Bearer ${key}` },
  });
}

async function codeOf(response: Response) {
  const { error } = (await response.json()) as { error?: { data?: { code?: string } } };
  return error?.data?.code;
}

describe("a project", () => {
  const files = { "a.py": "print(1)\n", "b.py": "print(2)\n" };

  test("is sent, stored and submitted, and the second time nothing of it is asked for", async () => {
    const manifest = manifestOf(files);
    const asked = (await (await send("/snapshots", manifest)).json()) as { missing: string[] };
    expect(asked.missing.toSorted()).toEqual(Object.values(files).map(sha256).toSorted());
    const stored = await send("/blobs", blobs(...Object.values(files)));
    expect(stored.headers.has(SERVER_HEADER)).toBe(true);
    expect([stored.status, await stored.json()]).toEqual([200, { stored: 2, complete: false }]);
    const answer = { snapshot: sha256(manifest), missing: [] };
    expect(await (await send("/snapshots", manifest)).json()).toEqual(answer);
    const params = { ...SUBMIT, snapshot: answer.snapshot };
    const request = { jsonrpc: "2.0", id: 1, method: "job.submit", params };
    expect((await rpc.post(request, { key: alice.api_key })).status).toBe(200);
  });

  test("of one user counts as missing for another", async () => {
    await send("/blobs", blobs(...Object.values(files)));
    const bob = await rpc.give("bob");
    const answer = (await (await send("/snapshots", manifestOf(files), bob.api_key)).json()) as {
      missing: string[];
    };
    expect(answer.missing).toHaveLength(2);
  });

  test("is not taken from viewers, from nobody, or from the box's own socket", async () => {
    const viewer = await rpc.give("viewer", "viewer");
    for (const path of ["/snapshots", "/blobs"]) {
      const refused = await send(path, "", viewer.api_key);
      expect([refused.status, await codeOf(refused)]).toEqual([403, "not-allowed"]);
      expect((await fetch(`${rpc.url}${path}`, { method: "POST", body: "" })).status).toBe(401);
      const box = await fetch(`http://localhost${path}`, {
        method: "POST",
        body: "",
        unix: rpc.socketPath,
      });
      expect(box.status).toBe(403);
    }
  });
});

describe("POST /snapshots", () => {
  test("refuses what is no manifest, is not UTF-8, or names a file like a key", async () => {
    for (const body of ["{}", Buffer.from([0xff]), manifestOf({ [alice.api_key]: "x" })]) {
      const response = await send("/snapshots", body);
      expect([response.status, await codeOf(response)]).toEqual([422, "bad-content"]);
    }
  });

  test("refuses a body over its limit before it has read it all", async () => {
    let sent = 0;
    const endless = new ReadableStream({
      pull: (controller) => {
        sent += 1_048_576;
        controller.enqueue(new Uint8Array(1_048_576).fill(32));
      },
    });
    expect((await send("/snapshots", endless)).status).toBe(413);
    expect(sent).toBeLessThan(64 * 1_048_576);
  });
});

describe("POST /blobs", () => {
  test("streams a body larger than Bun takes unless told", async () => {
    const contents = Array.from({ length: 3 }, (_, i) => `${i}`.repeat(45_000_000));
    const response = await send("/blobs", blobs(...contents));
    expect(await response.json()).toEqual({ stored: 3, complete: false });
  }, 60_000);

  test("says which blob does not match its hash, and keeps those that came before it", async () => {
    const bad = Buffer.concat([
      encodeBlobHeader({ hash: sha256("right"), sizeBytes: 5 }),
      Buffer.from("wrong"),
    ]);
    const response = await send("/blobs", Buffer.concat([blobs("good"), bad]));
    expect([response.status, await codeOf(response)]).toEqual([422, "bad-content"]);
    const manifest = manifestOf({ "good.txt": "good" });
    expect(await (await send("/snapshots", manifest)).json()).toMatchObject({ missing: [] });
  });
});

/** An upload that has sent a whole blob, a part of another, and will never send the rest. */
function unfinished() {
  const content = Buffer.alloc(4_000_000, "x");
  const header = encodeBlobHeader({ hash: sha256(content), sizeBytes: content.length });
  const body = new ReadableStream({
    start: (controller) => {
      controller.enqueue(blobs("whole"));
      controller.enqueue(header);
      controller.enqueue(content.subarray(0, 2_000_000));
    },
  });
  return send("/blobs", body);
}

const underWay = () => until("the upload is under way", () => rpc.ctx.auth.connections.size === 1);

describe("an upload under way", () => {
  test("is cut before key.revoke returns, is counted, and leaves nothing", async () => {
    const response = unfinished();
    await underWay();
    const by = { actor: "root", address: null };
    const revocation = await revokeKeys(rpc.ctx.auth, by, { id: alice.id });
    expect(revocation.closed_connections).toBe(1);
    expect(rpc.ctx.auth.connections.size).toBe(0);
    const cut = await response;
    expect([cut.status, await codeOf(cut)]).toEqual([401, "key-revoked"]);
    const tmp = join(rpc.ctx.dataDir, "snapshots", "tmp");
    await until("its files are gone", () => readdirSync(tmp).length === 0);
    const { api_key } = await issueKey(rpc.ctx.auth, by, { user: "alice" });
    const answer = await send("/snapshots", manifestOf({ "a.txt": "whole" }), api_key);
    expect(await answer.json()).toMatchObject({ missing: [sha256("whole")] });
  });

  test("is cut when its key expires", async () => {
    alice = await rpc.give("bob", "member", 400);
    const cut = await unfinished();
    expect([cut.status, await codeOf(cut)]).toEqual([401, "key-expired"]);
  });

  test("does not keep the server from stopping", async () => {
    const response = unfinished();
    await underWay();
    const before = Date.now();
    await rpc.server.stop();
    expect(Date.now() - before).toBeLessThan(3_000);
    const cut = await response;
    expect([cut.status, await codeOf(cut)]).toEqual([503, "shutting-down"]);
  });

  test("that its sender gives up leaves nothing behind", async () => {
    const controller = new AbortController();
    const body = new ReadableStream({
      start: (stream) => {
        stream.enqueue(encodeBlobHeader({ hash: sha256("x"), sizeBytes: 4_000_000 }));
        stream.enqueue(new Uint8Array(1_000_000));
      },
    });
    const { signal } = controller;
    const headers = { authorization: `Bearer ${alice.api_key}` };
    const gone = fetch(`${rpc.url}/blobs`, { method: "POST", body, headers, signal });
    await underWay();
    controller.abort();
    expect(await gone.catch((error: unknown) => error)).toBeInstanceOf(Error);
    await until("it is forgotten", () => rpc.ctx.auth.connections.size === 0);
    const tmp = join(rpc.ctx.dataDir, "snapshots", "tmp");
    await until("its files are gone", () => readdirSync(tmp).length === 0);
  });
});
