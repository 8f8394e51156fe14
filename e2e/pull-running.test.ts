// Pulling from a job that is still at work: files that grow or are rewritten, and what a terminal shows of it.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { appendFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ML, openBox, until, type Box, type Person } from "./box.ts";
import { startHoldingProxy } from "./holding-proxy.ts";
import { sameTree } from "./same-tree.ts";

let box: Box;
let alice: Person;
let outputs: string;
const id = 1;

beforeAll(async () => {
  box = await openBox();
  alice = await box.addPerson("alice");
  const script = 'cd "$ML_OUTPUT_DIR"; echo epoch 1 > metrics.csv; echo began; sleep 1000';
  expect((await alice.ml(["queue", "train", "--", "sh", "-c", script])).code).toBe(0);
  const begun = async () => (await alice.ml(["logs", "train"])).stdout.includes("began");
  await until(begun, "the job does not begin");
  outputs = join(box.dataDir, "attempts", `${id}.1`, "job/outputs");
});
afterAll(() => box.close());

const here = (...parts: readonly string[]) => join(alice.home, "work", ...parts);

test("what there is comes, and later what has been added to it, without --force", async () => {
  expect((await alice.ml(["pull", "train", "--include-log"])).code).toBe(0);
  const target = here("ml-outputs/train-1");
  expect(readFileSync(join(target, "metrics.csv"), "utf8")).toBe("epoch 1\n");
  expect(readFileSync(join(target, "1.1.log"), "utf8")).toBe("began\n");
  appendFileSync(join(outputs, "metrics.csv"), "epoch 2\n");
  writeFileSync(join(outputs, "new"), "");
  expect((await alice.ml(["pull", "train"])).code).toBe(0);
  expect(readFileSync(join(target, "metrics.csv"), "utf8")).toBe("epoch 1\nepoch 2\n");
  rmSync(join(target, "1.1.log"));
  sameTree(target, outputs);
});

test("a pattern that fits nothing may do so later", async () => {
  const alone = await alice.ml(["pull", "train", "final.pt"]);
  expect([alone.code, alone.stderr]).toEqual([
    6,
    'Nothing that job 1 (train) has left fits "final.pt" yet.\n"ml show 1 --outputs" lists what there is.\n',
  ]);
  const both = await alice.ml(["pull", "train", "metrics.csv", "final.pt"]);
  expect([both.code, both.stderr]).toEqual([
    1,
    'Nothing fits "final.pt" yet.\n"ml show 1 --outputs" lists what there is.\n',
  ]);
});

test("a file that is appended to all the time comes as far as it was, and no byte of it is torn", async () => {
  const line = "0123456789abcdef\n";
  const path = join(outputs, "grows.log");
  writeFileSync(path, line.repeat(100_000));
  const writer = Bun.spawn(["sh", "-c", `while :; do printf '${line.trim()}\\n' >> ${path}; done`]);
  try {
    const pull = await alice.ml(["pull", "train", "grows.log", "-o", "growing"]);
    expect(pull.code).toBe(0);
    const pulled = readFileSync(here("growing/grows.log"), "utf8");
    expect(pulled.length).toBeGreaterThanOrEqual(line.length * 100_000);
    expect(
      pulled.slice(0, pulled.length - (pulled.length % line.length)).replaceAll(line, ""),
    ).toBe("");
  } finally {
    writer.kill();
    await writer.exited;
    rmSync(path);
  }
});

test("a file that is written anew in the middle comes as the new one", async () => {
  const path = join(outputs, "model.pt");
  writeFileSync(path, new Uint8Array(20_000_000).fill(1));
  const proxy = await startHoldingProxy(Number(new URL(box.httpUrl).port));
  proxy.holdAfter(8_000_000);
  const env = { ML_API_URL: `ws://127.0.0.1:${proxy.port}/ws`, ML_API_KEY: alice.apiKey };
  const pull = alice.start(["pull", "train", "model.pt", "-o", "anew"], { env });
  await until(() => proxy.held() === 1, "the pull is not held");
  writeFileSync(path, new Uint8Array(20_000_000).fill(2));
  proxy.release();
  expect(await pull.exited).toBe(0);
  expect(readFileSync(here("anew/model.pt")).every((byte) => byte === 2)).toBe(true);
  proxy.close();
  rmSync(path);
});

test("a bar with bytes, rate and time left is shown on a terminal, and nowhere else", async () => {
  writeFileSync(join(outputs, "big"), new Uint8Array(30_000_000));
  const proxy = await startHoldingProxy(Number(new URL(box.httpUrl).port));
  proxy.holdAfter(10_000_000);
  let screen = "";
  const terminal = new Bun.Terminal({
    cols: 100,
    rows: 24,
    data: (_terminal, data) => {
      screen += Buffer.from(data).toString("utf8");
    },
  });
  const env = {
    ML_API_URL: `ws://127.0.0.1:${proxy.port}/ws`,
    ML_API_KEY: alice.apiKey,
    HOME: alice.home,
    TERM: "xterm",
  };
  const args = ["pull", "train", "big", "-o", "shown"];
  const child = Bun.spawn([ML, ...args], { cwd: here(), env, terminal });
  await until(() => screen.includes("Pulling ["), "no bar is shown");
  proxy.release();
  expect(await child.exited).toBe(0);
  expect(screen).toMatch(
    /Pulling \[#*\.*\] +\d+% {2}\S+ \S+ of 28\.6 MiB {2}\S+ \S+\/s {2}\S+ left/,
  );
  terminal.close();
  proxy.close();
  const quiet = await alice.ml(["pull", "train", "big", "-o", "quiet"]);
  expect(quiet.stderr).toBe("");
});
