// A job is done again from the code that "ml code" would give back, and only from that.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { IssuedKey } from "@fetchml/protocol";
import { startRpc, type RpcFixture } from "./rpc.fixture.ts";
import { sendProject, sha256, type SentProject } from "./sent-project.fixture.ts";

const FILES = { "a.py": "print(1)\n", "b.py": "print(2)\n" };

let rpc: RpcFixture;
let alice: IssuedKey;
let sent: SentProject;

beforeEach(async () => {
  rpc = await startRpc();
  alice = await rpc.give("alice");
  sent = await sendProject(rpc, alice.api_key, FILES);
  // As a restore does that has not brought the code of ended jobs.
  const { db } = rpc.ctx.queue;
  await db.write(() => db.run("DELETE FROM snapshot_holders"));
});
afterEach(() => rpc.close());

const blob = (content: string): string => {
  const hash = sha256(content);
  return join(rpc.ctx.dataDir, "snapshots/blobs", hash.slice(0, 2), hash.slice(2));
};

/** Does the job again; answers the new job's snapshot, or the error's code and message. */
async function redo(key: string, more: object = {}): Promise<string> {
  const params = { job: String(sent.jobId), ...more };
  const answer = await rpc.post({ jsonrpc: "2.0", id: 1, method: "job.redo", params }, { key });
  const { result, error } = (await answer.json()) as {
    result?: { job: { id: number; redo_of?: number } };
    error?: { message: string; data: { code: string } };
  };
  if (error !== undefined) return `${error.data.code}: ${error.message}`;
  return `job ${result?.job.id}`;
}

test("job.redo takes code that is there whole, though nobody is noted to have sent it", async () => {
  expect(await redo(alice.api_key)).toBe(`job ${sent.jobId + 1}`);
  expect(await redo(alice.api_key)).toBe(`job ${sent.jobId + 2}`);
  const admin = await rpc.give("root", "admin");
  expect(await redo(admin.api_key)).toBe(`job ${sent.jobId + 3}`);
});

test("job.redo answers a submission that is repeated with the one job", async () => {
  const submission = "word-of-alice";
  expect(await redo(alice.api_key, { submission })).toBe(`job ${sent.jobId + 1}`);
  expect(await redo(alice.api_key, { submission })).toBe(`job ${sent.jobId + 1}`);
});

test.each(["a file", "the list of files"])(
  "job.redo says that the code is gone where %s is",
  async (what) => {
    if (what === "a file") rmSync(blob(FILES["b.py"]));
    else rmSync(join(rpc.ctx.dataDir, "snapshots/manifests"), { recursive: true });
    const refused = await redo(alice.api_key);
    expect(refused).toStartWith("snapshot-missing: ");
    expect(refused).toContain("its code is gone from the box");
    // Nor by a word of the caller's.
    expect(await redo(alice.api_key, { codeOnDisk: sent.snapshot })).not.toStartWith("job ");
  },
);

test("job.redo gives others' code to nobody, wherever it lies", async () => {
  const bob = await rpc.give("bob");
  expect(await redo(bob.api_key)).toStartWith("job-not-found: ");
  const own = await sendProject(rpc, bob.api_key, { "c.py": "print(3)\n" });
  const theirs = { job: String(own.jobId), snapshot: sent.snapshot };
  expect(await redo(bob.api_key, theirs)).toStartWith("snapshot-missing: ");
});
