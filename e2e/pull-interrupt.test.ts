// Ctrl-C typed on a terminal while `ml pull` is at work.
import { afterAll, beforeAll, expect } from "bun:test";
import {
  closeSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readlinkSync,
  rmSync,
  utimesSync,
} from "node:fs";
import { join } from "node:path";
import { ML, openBox, until, type Box, type Person } from "./box.ts";
import { startHoldingProxy, type HoldingProxy } from "./holding-proxy.ts";
import { needsSystem } from "./system-tool.ts";

const test = needsSystem("setsid");

let box: Box;
let alice: Person;
let proxy: HoldingProxy;
let outputs: string;

beforeAll(async () => {
  box = await openBox();
  alice = await box.addPerson("alice");
  proxy = await startHoldingProxy(Number(new URL(box.httpUrl).port));
  const script = 'head -c 30000000 /dev/urandom > "$ML_OUTPUT_DIR/model.pt"';
  expect((await alice.ml(["run", "train", "--", "sh", "-c", script])).code).toBe(0);
  outputs = join(box.dataDir, "attempts", "1.1", "job/outputs");
});
afterAll(async () => {
  proxy.close();
  await box.close();
});

const here = (...parts: readonly string[]) => join(alice.home, ...parts);

/** `ml` on a terminal of its own, the one whose Ctrl-C it gets. */
function startOnTerminal(...args: readonly string[]) {
  const shown = { screen: "" };
  const terminal = new Bun.Terminal({
    cols: 100,
    rows: 24,
    data: (_terminal, data) => {
      shown.screen += Buffer.from(data).toString("utf8");
    },
  });
  const env = {
    ML_API_URL: `ws://127.0.0.1:${proxy.port}/ws`,
    ML_API_KEY: alice.apiKey,
    HOME: alice.home,
    TERM: "xterm",
    PATH: process.env["PATH"] ?? "",
  };
  const child = Bun.spawn(["setsid", "--ctty", ML, ...args], { cwd: here("work"), env, terminal });
  return { child, terminal, shown };
}

/** Makes a file of that size without content, or gives one that size. */
function makeSparse(path: string, sizeBytes: number): void {
  const file = openSync(path, "a");
  ftruncateSync(file, sizeBytes);
  closeSync(file);
}

const WORDS = "Interrupted. What has come stays; the same command goes on from there.\r\n";

test("in the middle of a file it ends the pull with a word, and the same command goes on", async () => {
  proxy.holdAfter(10_000_000);
  const { child, terminal, shown } = startOnTerminal("pull", "train", "-o", "../held");
  await until(() => shown.screen.includes("Pulling ["), "no bar is shown");
  terminal.write("\u0003");
  expect(await child.exited).toBe(130);
  await until(() => shown.screen.endsWith(WORDS), "it says nothing");
  terminal.close();
  proxy.release();
  expect(readdirSync(here("held"))).toEqual([".ml-pull"]);
  expect((await alice.ml(["pull", "train", "-o", "../held"])).code).toBe(0);
  expect(readdirSync(here("held"))).toEqual(["model.pt"]);
});

test("typed twice it ends the pull just the same", async () => {
  proxy.holdAfter(10_000_000);
  const { child, terminal, shown } = startOnTerminal("pull", "train", "-o", "../twice");
  await until(() => shown.screen.includes("Pulling ["), "no bar is shown");
  terminal.write("\u0003");
  terminal.write("\u0003");
  await child.exited;
  expect(child.signalCode ?? child.exitCode).toBeOneOf([130, "SIGINT"]);
  terminal.close();
  proxy.release();
});

test("it is heard while something large that is here is read", async () => {
  // Minutes of reading, and no room on the disk.
  const size = 400_000_000_000;
  const [there, copy] = [join(outputs, "huge"), here("huge/huge")];
  makeSparse(there, size);
  await alice.ml(["pull", "train", "model.pt", "-o", "../huge"]);
  makeSparse(copy, size);
  utimesSync(copy, 1, 1);
  const { child, terminal, shown } = startOnTerminal("pull", "train", "huge", "-o", "../huge");
  try {
    await until(() => hasOpened(child.pid, copy), "it is not read");
    terminal.write("\u0003");
    expect(await child.exited).toBe(130);
    await until(() => shown.screen.endsWith(WORDS), "it says nothing");
  } finally {
    terminal.close();
    // A test run searches for keys what is removed.
    for (const path of [there, copy]) makeSparse(path, 0);
  }
  rmSync(here("huge"), { recursive: true });
  rmSync(there);
});

function hasOpened(pid: number, path: string): boolean {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).some((name) => linkIn(join(folder, name)) === path);
}

function linkIn(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    // Closed meanwhile.
    return null;
  }
}
