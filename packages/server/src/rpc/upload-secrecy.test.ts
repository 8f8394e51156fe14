// What others have sent is nobody's business: no answer tells of it, and nothing goes faster for it.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import {
  manifestText,
  UPLOAD_LENGTH_HEADER,
  UPLOAD_OFFSET_HEADER,
  type IssuedKey,
  type ManifestEntry,
  type SnapshotAnswer,
} from "@fetchml/protocol";
import { startRpc, until, type RpcFixture } from "./rpc.fixture.ts";
import { packed, sendProject, sha256 } from "./sent-project.fixture.ts";
import { SUBMIT } from "./submit.fixture.ts";

let rpc: RpcFixture;
let alice: IssuedKey;
let mallory: IssuedKey;
beforeEach(async () => {
  rpc = await startRpc();
  alice = await rpc.give("alice");
  mallory = await rpc.give("mallory");
});
afterEach(() => rpc.close());

const SECRET = "alice's own file\n";
const UNKNOWN = "a file that nobody has\n";

function manifestOf(...contents: readonly string[]): string {
  const entries = contents.map((content, index): ManifestEntry => {
    const size_bytes = Buffer.byteLength(content);
    const path = String(index).padStart(3, "0");
    return { kind: "file", path, size_bytes, hash: sha256(content), executable: false };
  });
  return manifestText({ version: 1, entries });
}

function post(path: string, body: Bun.BodyInit, key: IssuedKey): Promise<Response> {
  const headers = { authorization: `Bearer ${key.api_key}` };
  return fetch(`${rpc.url}${path}`, { method: "POST", body, headers });
}

async function ask(text: string, key: IssuedKey): Promise<SnapshotAnswer> {
  return (await (await post("/snapshots", text, key)).json()) as SnapshotAnswer;
}

function put(
  content: string | Uint8Array,
  key: IssuedKey,
  { offset = 0, hash = sha256(content) } = {},
): Promise<Response> {
  const bytes = Buffer.from(content);
  return fetch(`${rpc.url}/blobs/${hash}`, {
    method: "PUT",
    body: bytes.subarray(offset),
    headers: {
      authorization: `Bearer ${key.api_key}`,
      [UPLOAD_LENGTH_HEADER]: String(bytes.length),
      [UPLOAD_OFFSET_HEADER]: String(offset),
    },
  });
}

/** Everything of an answer but the time it took. */
async function seenOf(response: Response): Promise<unknown> {
  const headers = Object.fromEntries(response.headers);
  delete headers["date"];
  delete headers["server-timing"];
  return { status: response.status, headers, text: await response.text() };
}

const inodeOf = (content: string | Uint8Array) => {
  const hash = sha256(content);
  const path = join(rpc.ctx.dataDir, "snapshots", "blobs", hash.slice(0, 2), hash.slice(2));
  return statSync(path).ino;
};

/** Resolves when each stored blob lies in its own file. */
const settled = () => until("all is settled", () => readdirSync(packsFolder()).length === 0);
const packsFolder = () => join(rpc.ctx.dataDir, "snapshots", "packs");

describe("a stranger who names the hash of another's file", () => {
  test("gets the same answer as for one that nobody has", async () => {
    await sendProject(rpc, alice.api_key, { a: SECRET });
    await put(SECRET.repeat(100_000), alice);
    for (const secret of [SECRET, SECRET.repeat(100_000)]) {
      // Of the same length, so that nothing else differs.
      const unknown = UNKNOWN.padEnd(SECRET.length).slice(0, SECRET.length);
      const other = unknown.repeat(secret.length / SECRET.length);
      const asked = await post("/snapshots", manifestOf(secret), mallory);
      const seen = JSON.stringify(await seenOf(asked));
      const seenOther = JSON.stringify(
        await seenOf(await post("/snapshots", manifestOf(other), mallory)),
      );
      const hide = (text: string, content: string) =>
        text.replaceAll(sha256(content), "H").replaceAll(sha256(manifestOf(content)), "S");
      expect(hide(seen, secret)).toBe(hide(seenOther, other));
      expect(seen).toContain("missing");
    }
  });

  test("learns nothing from a wrong size, as its owner does", async () => {
    await sendProject(rpc, alice.api_key, { a: SECRET });
    const lie = manifestOf(SECRET).replace('"size_bytes":17', '"size_bytes":18');
    expect((await ask(lie, mallory)).missing).toEqual([sha256(SECRET)]);
    expect((await post("/snapshots", lie, alice)).status).toBe(422);
  });

  test("cannot end an upload with no byte of its own, nor see how far another's has come", async () => {
    const content = Buffer.alloc(100_000, "x");
    await put(content, alice);
    const body = { offset: content.length };
    const tried = await put(content, mallory, body);
    const other = await put(Buffer.alloc(100_000, "y"), mallory, body);
    expect(tried.status).toBe(409);
    expect(await tried.text()).toBe(await other.text());
    expect(await ask(manifestOf(content.toString()), mallory)).toMatchObject({
      missing: [sha256(content)],
    });
  });

  test("cannot have the job run with it", async () => {
    const { snapshot } = await sendProject(rpc, alice.api_key, { a: SECRET });
    const call = (id: string) => {
      const params = { ...SUBMIT, snapshot: id };
      return rpc.post(
        { jsonrpc: "2.0", id: 1, method: "job.submit", params },
        { key: mallory.api_key },
      );
    };
    const refused = await (await call(snapshot)).text();
    expect(refused).toContain("snapshot-missing");
    const unknown = "0".repeat(64);
    expect(refused.replaceAll(snapshot.slice(0, 12), "S")).toBe(
      (await (await call(unknown)).text()).replaceAll(unknown.slice(0, 12), "S"),
    );
  });
});

describe("a file that somebody else has sent", () => {
  test("is written anew, and not found to be there: the time tells nothing", async () => {
    const many = Array.from({ length: 60 }, (_, index) => `${SECRET}${index}`);
    await post("/blobs", packed(many), alice);
    const large = Buffer.alloc(2_000_000, "x");
    await put(large, alice);
    await settled();
    const before = [...many, large].map(inodeOf);
    await post("/blobs", packed(many), mallory);
    await put(large, mallory);
    await settled();
    const after = [...many, large].map(inodeOf);
    expect(after.filter((inode, index) => inode === before[index])).toEqual([]);
    expect((await ask(manifestOf(...many), mallory)).missing).toEqual([]);
  });
});

describe("an admin, who may read everyone's jobs", () => {
  test("need not send what a job holds, but what was only sent", async () => {
    const carol = await rpc.give("carol", "admin");
    await sendProject(rpc, alice.api_key, { a: SECRET });
    await post("/blobs", packed(["sent, in no job\n"]), alice);
    const text = manifestOf(SECRET, "sent, in no job\n", UNKNOWN);
    const expected = [sha256("sent, in no job\n"), sha256(UNKNOWN)];
    expect((await ask(text, carol)).missing).toEqual(expected);
    expect((await ask(text, mallory)).missing).toEqual([sha256(SECRET), ...expected]);
    expect((await ask(manifestOf(SECRET), carol)).missing).toEqual([]);
  });

  test("who is no admin any more has to send it", async () => {
    const carol = await rpc.give("carol", "admin");
    await sendProject(rpc, alice.api_key, { a: SECRET });
    const params = { user: "carol", role: "member" };
    await rpc.post({ jsonrpc: "2.0", id: 1, method: "user.set-role", params }, { onBox: true });
    expect((await ask(manifestOf(SECRET), carol)).missing).toEqual([sha256(SECRET)]);
  });
});
