// The hash of a file that was just sent: of the very reading that was sent where nothing can change any more, else of another one.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { closeSync, openSync, truncateSync, utimesSync, writeSync } from "node:fs";
import { startJobOutputs, type JobOutputs } from "./job-outputs.fixture.ts";
import { until } from "./rpc.fixture.ts";

let here: JobOutputs;

beforeAll(async () => {
  here = await startJobOutputs();
});
afterAll(() => here.jobs.rpc.close());

/** Reading so much is told by a space before the hash. */
const SIZE = 80 * 1_048_576;

async function largeOutput(jobId: number, name: string): Promise<string> {
  const file = here.write(jobId, name, name);
  truncateSync(file, SIZE);
  utimesSync(file, 1, 1);
  await until("the tag is strong", async () => {
    const { headers } = await here.ask(`${jobId}/outputs/${name}`, { method: "HEAD" });
    return headers.get("etag")?.startsWith('"') === true;
  });
  return file;
}

/** Takes a file and gives its hash. */
async function take(path: string, headers: Readonly<Record<string, string>> = {}): Promise<string> {
  const hasher = createHash("sha256");
  const { body } = await here.ask(path, { headers });
  for await (const piece of body ?? []) hasher.update(piece);
  return hasher.digest("hex");
}

/** The hash as the server tells it, and whether the file was read for it. */
async function hashOf(path: string, count = SIZE) {
  const text = await (await here.ask(`${path}?sha256_of=${count}`)).text();
  const { sha256, size_bytes: size } = JSON.parse(text) as { sha256: string; size_bytes: number };
  return { sha256, size, isRead: text.startsWith(" ") };
}

test("the hash of a file that was sent whole is told without another reading once its attempt has ended", async () => {
  const jobId = await here.begin();
  await largeOutput(jobId, "model.pt");
  const path = `${jobId}/outputs/model.pt`;
  // While the job runs it may write through a mapping, which shows in no time of the file for a while.
  expect(await hashOf(path)).toEqual({ sha256: await take(path), size: SIZE, isRead: true });
  expect((await hashOf(path)).isRead).toBe(true);
  await here.jobs.end(jobId, 0);
  expect((await hashOf(path)).isRead).toBe(true);
  const sha256 = await take(path);
  expect(await hashOf(path)).toEqual({ sha256, size: SIZE, isRead: false });
  // Only of all of it.
  expect((await hashOf(path, SIZE - 1)).isRead).toBe(true);
});

test("a file that was changed since it was sent is read again, whatever its times say", async () => {
  const jobId = await here.begin();
  const file = await largeOutput(jobId, "model.pt");
  await here.jobs.end(jobId, 0);
  const path = `${jobId}/outputs/model.pt`;
  const before = await take(path);
  const descriptor = openSync(file, "r+");
  writeSync(descriptor, "changed", SIZE - 100);
  closeSync(descriptor);
  utimesSync(file, 1, 1);
  const after = await hashOf(path);
  expect(after.isRead).toBe(true);
  expect(after.sha256).not.toBe(before);
  expect(after.sha256).toBe(await take(path));
});

test("what was sent in part or given up is read for its hash", async () => {
  const jobId = await here.begin();
  await largeOutput(jobId, "model.pt");
  await here.jobs.end(jobId, 0);
  const path = `${jobId}/outputs/model.pt`;
  await take(path, { range: "bytes=1-" });
  await take(path, { range: "bytes=0-" });
  const { body } = await here.ask(path);
  await body?.cancel();
  expect((await hashOf(path)).isRead).toBe(true);
});

test("checkpoints, which a later attempt may change, are read again", async () => {
  const jobId = await here.begin();
  const file = await largeOutput(jobId, "model.pt");
  await here.jobs.end(jobId, 0);
  const { ctx } = here.jobs.rpc;
  const folder = `${ctx.dataDir}/checkpoints/${jobId}`;
  expect(Bun.spawnSync(["mkdir", "-p", folder]).exitCode).toBe(0);
  expect(Bun.spawnSync(["mv", file, `${folder}/model.pt`]).exitCode).toBe(0);
  const path = `${jobId}/checkpoints/model.pt`;
  await take(path);
  expect((await hashOf(path)).isRead).toBe(true);
});
