// What is sent arrives as it was, whatever happens on the way: cuts, kills, editors, and the same file twice at once.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "bun:test";
import {
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { ML, openBox, until, writeProject, type Box, type Person } from "./box.ts";
import { anyBytes, readTree, trees, writeTree, type Tree } from "./random-tree.ts";
import { sameTree } from "./same-tree.ts";
import { startUploadProxy, type UploadProxy } from "./upload-proxy.ts";

let box: Box;
let alice: Person;
let proxy: UploadProxy;

beforeAll(async () => {
  box = await openBox();
  alice = await box.addPerson("alice");
});
afterAll(() => box.close());
beforeEach(async () => {
  const port = () => Number(new URL(box.httpUrl).port);
  proxy = await startUploadProxy(port);
});
afterEach(() => proxy.close());

const MB = 1_000_000;
const LIMITS = '[project]\nmax_size = "1G"\nmax_file_size = "1G"\n';
let projects = 0;

/** A project that may be large, with one file of so many bytes that nobody can compress and nobody has sent before. */
function largeProject(bytes: number): string {
  const folder = join(alice.home, `large-${(projects += 1)}`);
  writeProject(folder, { "ml.toml": LIMITS, "train.py": "print()\n" });
  const noise = new Uint8Array(bytes);
  for (let at = 0; at < bytes; at += 65_536)
    crypto.getRandomValues(noise.subarray(at, at + 65_536));
  writeFileSync(join(folder, "model.bin"), noise);
  return folder;
}

/** Text of twice so many digits, half of which compressing takes away. */
const noise = (bytes: number): string => {
  return crypto.getRandomValues(Buffer.alloc(bytes)).toString("hex");
};

const through = () => ({ ML_API_URL: proxy.url, ML_API_KEY: alice.apiKey });
const QUEUE = ["queue", "sent", "--", "true"];

/** Waits for the job that was queued, and compares what it ran in with a folder. */
async function expectRanIn(stdout: string, folder: string): Promise<void> {
  const id = /^Queued (\d+)/.exec(stdout)?.[1] ?? "";
  expect((await alice.ml(["wait", id])).code).toBe(0);
  sameTree(join(box.dataDir, "attempts", `${id}.1`, "job", "work"), folder);
}

test("a large file goes on where it was, through cuts of the connection", async () => {
  const folder = largeProject(80 * MB);
  proxy.cutAfter(20 * MB, 25 * MB, 5 * MB);
  const { code, stdout, stderr } = await alice.ml(QUEUE, { cwd: folder, env: through() });
  expect([code, stderr]).toEqual([0, expect.any(String)]);
  // What was in the pipes at each of the cuts is sent again.
  expect(proxy.sentBytes()).toBeLessThan(85 * MB);
  await expectRanIn(stdout, folder);
}, 60_000);

test("a large file goes on where it was, through a kill of the server", async () => {
  const folder = largeProject(80 * MB);
  proxy.holdAfter(40 * MB);
  const sending = alice.ml(QUEUE, { cwd: folder, env: through() });
  await until(() => proxy.held() === 1, "the upload does not get so far");
  const begun = () => {
    const root = join(box.dataDir, "snapshots", "begun");
    const files = readdirSync(root, { recursive: true, withFileTypes: true });
    const sizes = files.filter((entry) => entry.isFile());
    return sizes.map(({ parentPath, name }) => statSync(join(parentPath, name)).size).at(-1) ?? 0;
  };
  await until(() => begun() > 35 * MB, "the server does not keep what comes");
  await box.stop("SIGKILL");
  proxy.release();
  await box.start();
  const { code, stdout, stderr } = await sending;
  expect([code, stderr]).toEqual([0, expect.any(String)]);
  expect(proxy.sentBytes()).toBeLessThan(90 * MB);
  await expectRanIn(stdout, folder);
}, 60_000);

test("a large file goes on where it was, when ml itself was killed and is typed again", async () => {
  const folder = largeProject(60 * MB);
  proxy.holdAfter(40 * MB);
  const killed = alice.start(QUEUE, { cwd: folder, env: through() });
  await until(() => proxy.held() === 1, "the upload does not get so far");
  killed.kill("SIGKILL");
  await killed.exited;
  proxy.release();
  const before = proxy.sentBytes();
  const { code, stdout } = await alice.ml(QUEUE, { cwd: folder, env: through() });
  expect(code).toBe(0);
  expect(proxy.sentBytes() - before).toBeLessThan(25 * MB);
  await expectRanIn(stdout, folder);
}, 60_000);

test("many small files are not sent again after a cut, but for the last ones", async () => {
  const folder = writeProject(join(alice.home, "many"), { "ml.toml": "" });
  for (let i = 0; i < 1200; i++) {
    writeFileSync(join(folder, `${i}.bin`), crypto.getRandomValues(new Uint8Array(8000)));
  }
  proxy.cutAfter(5 * MB);
  const { code, stdout } = await alice.ml(QUEUE, { cwd: folder, env: through() });
  expect(code).toBe(0);
  // 9.6 MB, and what was in the pipe.
  expect(proxy.sentBytes()).toBeLessThan(12.5 * MB);
  await expectRanIn(stdout, folder);
}, 60_000);

test("two ml that send the same large file at once both queue their jobs", async () => {
  const folder = largeProject(30 * MB);
  const both = [1, 2, 3].map(() => alice.ml(QUEUE, { cwd: folder, env: through() }));
  for (const { code, stdout } of await Promise.all(both)) {
    expect(code).toBe(0);
    await expectRanIn(stdout, folder);
  }
}, 60_000);

test("small files are sent as they were when Enter was pressed, whatever is saved meanwhile", async () => {
  const folder = join(alice.home, "edited");
  const files = Object.fromEntries(
    Array.from({ length: 60 }, (_, i) => [`data/${100 + i}.txt`, noise(60_000)]),
  );
  writeProject(folder, files);
  proxy.holdAfter(2 * MB);
  const sending = alice.ml(QUEUE, { cwd: folder, env: through() });
  await until(() => proxy.held() === 1, "the upload does not get so far");
  const last = join(folder, "data/159.txt");
  const before = readFileSync(last);
  writeFileSync(last, "saved just now\n");
  proxy.release();
  const { code, stdout, stderr } = await sending;
  expect([code, stderr]).toEqual([0, expect.any(String)]);
  writeFileSync(last, before);
  await expectRanIn(stdout, folder);
}, 60_000);

test("a file of some megabytes that is saved before its turn is sent as it is then", async () => {
  const folder = join(alice.home, "saved");
  const names = Array.from({ length: 30 }, (_, i) => `${100 + i}.bin`);
  writeProject(folder, Object.fromEntries(names.map((name) => [name, noise(1_200_000)])));
  proxy.holdAfter(2 * MB);
  const sending = alice.ml(QUEUE, { cwd: folder, env: through() });
  await until(() => proxy.held() === 1, "the upload does not get so far");
  writeFileSync(join(folder, names.at(-1) ?? ""), "saved just now\n");
  proxy.release();
  const { code, stdout, stderr } = await sending;
  expect([code, stderr]).toEqual([0, expect.any(String)]);
  await expectRanIn(stdout, folder);
}, 60_000);

test("a large file that changes while it is sent is noticed and sent again", async () => {
  const folder = largeProject(90 * MB);
  const path = join(folder, "model.bin");
  proxy.holdAfter(5 * MB);
  const sending = alice.ml(QUEUE, { cwd: folder, env: through() });
  await until(() => proxy.held() === 1, "the upload does not get so far");
  const file = openSync(path, "r+");
  // Behind what was read, and before it: a training that writes its checkpoint.
  for (const place of [89 * MB, 100]) writeSync(file, "changed", place);
  proxy.release();
  const { code, stdout, stderr } = await sending;
  expect([code, stderr]).toEqual([0, expect.any(String)]);
  await expectRanIn(stdout, folder);
  expect(readFileSync(path).includes("changed")).toBe(true);
}, 60_000);

test("a file that is gone from the box is sent again by the next submit", async () => {
  const folder = writeProject(join(alice.home, "lost"), {
    "ml.toml": "",
    "lost.txt": "lost once\n",
  });
  expect(
    (await alice.ml([...QUEUE.slice(0, 2), "--hold", "--", "true"], { cwd: folder })).code,
  ).toBe(0);
  const hash = new Bun.CryptoHasher("sha256").update("lost once\n").digest("hex");
  rmSync(join(box.dataDir, "snapshots", "blobs", hash.slice(0, 2), hash.slice(2)));
  expect((await alice.ml(["run", "fails", "--", "true"], { cwd: folder })).code).not.toBe(0);
  const { stdout } = await alice.ml(QUEUE, { cwd: folder });
  await expectRanIn(stdout, folder);
}, 60_000);

test("a terminal sees bytes, rate and time left while files are sent; nothing else does", async () => {
  const folder = largeProject(70 * MB);
  proxy.holdAfter(5 * MB);
  let screen = "";
  const terminal = new Bun.Terminal({
    cols: 100,
    rows: 24,
    data: (_terminal, data) => {
      screen += Buffer.from(data).toString();
    },
  });
  const env = { PATH: process.env["PATH"] ?? "", HOME: alice.home, TERM: "xterm", ...through() };
  const ml = Bun.spawn([ML, ...QUEUE], { cwd: folder, env, terminal });
  const bar = /Sending \[#*\.*\] +\d+% +[\d.]+ [KM]iB of 66\.8 MiB +[\d.]+ \w+\/s +[\d.]+\w+ left/;
  await until(() => bar.test(screen), "no progress is shown");
  proxy.release();
  expect(await ml.exited).toBe(0);
  await until(() => screen.includes("Queued"), "the end is not shown");
  const other = await alice.ml(QUEUE, { cwd: largeProject(20 * MB), env: through() });
  expect(other.stderr + other.stdout).not.toContain("Sending");
}, 60_000);

test("a job runs in exactly the tree that was queued, whatever the tree", async () => {
  let round = 0;
  await fc.assert(
    fc.asyncProperty(trees(anyBytes, 40), async (tree) => {
      const folder = join(alice.home, `tree-${(round += 1)}`);
      const whole: Tree = { ...tree, "ml.toml": { kind: "file", content: "", executable: false } };
      writeTree(folder, whole);
      const { code, stdout, stderr } = await alice.ml(QUEUE, { cwd: folder });
      expect([code, stderr]).toEqual([0, expect.any(String)]);
      await expectRanIn(stdout, folder);
      expect(readTree(folder)).toEqual(whole);
    }),
    { numRuns: 25, endOnFailure: true },
  );
}, 300_000);
