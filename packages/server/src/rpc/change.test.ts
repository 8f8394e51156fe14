// Lists of files that are told by what differs from an earlier one, over HTTP: nobody learns or uses what a stranger has sent.
import { afterEach, beforeEach, expect, test } from "bun:test";
import {
  manifestChangeText,
  manifestText,
  type IssuedKey,
  type Manifest,
  type ManifestChange,
  type ManifestEntry,
  type SnapshotAnswer,
} from "@fetchml/protocol";
import { startRpc, type RpcFixture } from "./rpc.fixture.ts";
import { packed, sendProject, sha256, type SentProject } from "./sent-project.fixture.ts";

let rpc: RpcFixture;
let alice: IssuedKey;
let mallory: IssuedKey;
let sent: SentProject;
beforeEach(async () => {
  rpc = await startRpc();
  alice = await rpc.give("alice");
  mallory = await rpc.give("mallory");
  sent = await sendProject(rpc, alice.api_key, { "a.py": "one\n", "b.py": "two\n" });
});
afterEach(() => rpc.close());

const file = (path: string, content: string): ManifestEntry => {
  const size_bytes = Buffer.byteLength(content);
  return { kind: "file", path, size_bytes, hash: sha256(content), executable: false };
};

/** What makes of alice's project one with another `a.py`. */
function changeOf(entry: ManifestEntry = file("a.py", "new\n")): ManifestChange {
  const { entries } = JSON.parse(sent.manifest) as Manifest;
  const after = [entry, ...entries.slice(1)];
  const snapshot = sha256(manifestText({ version: 1, entries: after }));
  return { version: 1, base: sent.snapshot, snapshot, removed: [], entries: [entry] };
}

function post(path: string, body: Bun.BodyInit, key: IssuedKey): Promise<Response> {
  const headers = { authorization: `Bearer ${key.api_key}` };
  return fetch(`${rpc.url}${path}`, { method: "POST", body, headers });
}

const ask = (change: ManifestChange, key: IssuedKey) =>
  post("/snapshots", manifestChangeText(change), key);

test("a change is taken for the list that it makes", async () => {
  const change = changeOf();
  const answer = (await (await ask(change, alice)).json()) as SnapshotAnswer;
  expect(answer).toEqual({ snapshot: change.snapshot, missing: [sha256("new\n")] });
  await post("/blobs", packed(["new\n"]), alice);
  const again = (await (await ask(change, alice)).json()) as SnapshotAnswer;
  expect(again).toEqual({ snapshot: change.snapshot, missing: [] });
});

test("to name what a stranger has sent is answered as to name what nobody has", async () => {
  const answers = [];
  for (const base of [sent.snapshot, "0".repeat(64)]) {
    const response = await ask({ ...changeOf(), base }, mallory);
    answers.push([response.status, await response.text()]);
  }
  expect(answers[0]).toEqual(answers[1]);
  expect(answers[0]?.[0]).toBe(409);
  // Also when the content of all that would be new is mallory's own.
  await post("/blobs", packed(["new\n"]), mallory);
  expect((await ask(changeOf(), mallory)).status).toBe(409);
});

test("a key in a new name is refused and not shown", async () => {
  const response = await ask(changeOf(file(`a-${mallory.api_key}`, "new\n")), alice);
  const text = await response.text();
  expect([response.status, text.includes("bad-content")]).toEqual([422, true]);
  expect(text).not.toContain(mallory.api_key);
});

test("a change without end is refused", async () => {
  const start = manifestChangeText(changeOf()).slice(0, 200);
  for (const rest of ["[".repeat(900_000), "x".repeat(2_000_000), ""]) {
    expect((await post("/snapshots", start + rest, alice)).status).toBe(422);
  }
});
