// Ctrl-C typed on a terminal while `ml queue` sends a project.
import { afterAll, beforeAll, expect } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ML, openBox, until, writeProject, type Box, type Person } from "./box.ts";
import { needsSystem } from "./system-tool.ts";
import { startUploadProxy, type UploadProxy } from "./upload-proxy.ts";

const test = needsSystem("setsid");

let box: Box;
let alice: Person;
let proxy: UploadProxy;

beforeAll(async () => {
  box = await openBox();
  alice = await box.addPerson("alice");
  proxy = await startUploadProxy(() => Number(new URL(box.httpUrl).port));
});
afterAll(async () => {
  proxy.close();
  await box.close();
});

const MB = 1_000_000;

/** Begins to queue a large project on a terminal of its own, and waits until a part of it was sent. */
async function startSending(name: string) {
  const cwd = writeProject(join(alice.home, name), {
    "ml.toml": '[project]\nmax_size = "1G"\nmax_file_size = "1G"\n',
  });
  const noise = new Uint8Array(60 * MB);
  for (let at = 0; at < noise.length; at += 65_536)
    crypto.getRandomValues(noise.subarray(at, at + 65_536));
  writeFileSync(join(cwd, "model.bin"), noise);
  proxy.holdAfter(40 * MB);
  const shown = { screen: "" };
  const terminal = new Bun.Terminal({
    cols: 100,
    rows: 24,
    data: (_terminal, data) => {
      shown.screen += Buffer.from(data).toString("utf8");
    },
  });
  const line = ["queue", name, "--", "true"];
  const through = { ML_API_URL: proxy.url, ML_API_KEY: alice.apiKey };
  const env = { ...through, HOME: alice.home, TERM: "xterm", PATH: process.env["PATH"] ?? "" };
  const child = Bun.spawn(["setsid", "--ctty", ML, ...line], { cwd, env, terminal });
  await until(() => proxy.held() === 1, "the upload does not get so far");
  await until(() => shown.screen.includes("Sending ["), "no bar is shown");
  return { child, terminal, shown, queueAgain: () => alice.ml(line, { cwd, env: through }) };
}

test("it says that nothing was queued, and the same command goes on from there", async () => {
  const { child, terminal, shown, queueAgain } = await startSending("sent");
  terminal.write("\u0003");
  expect(await child.exited).toBe(130);
  // The bar is gone from its line first.
  const words =
    "\r\u001B[KInterrupted. Nothing was queued; the same command goes on from there.\r\n";
  await until(() => shown.screen.endsWith(words), "it says nothing");
  terminal.close();
  proxy.release();
  expect((await alice.ml(["list", "--json"])).stdout).not.toContain('"sent"');
  const before = proxy.sentBytes();
  expect((await queueAgain()).code).toBe(0);
  expect(proxy.sentBytes() - before).toBeLessThan(25 * MB);
}, 60_000);

test("typed twice it ends at once, with no bar left on the screen and nothing queued", async () => {
  const { child, terminal, shown } = await startSending("twice");
  terminal.write("\u0003\u0003");
  await child.exited;
  expect(child.signalCode ?? child.exitCode).toBeOneOf([130, "SIGINT"]);
  await until(() => shown.screen.includes("\r\u001B[K", endOfBar(shown.screen)), "the bar stays");
  const fresh = new Bun.Terminal({ cols: 100, rows: 24 });
  expect(modesOf(terminal)).toEqual(modesOf(fresh));
  fresh.close();
  terminal.close();
  proxy.release();
  expect((await alice.ml(["list", "--json"])).stdout).not.toContain('"twice"');
}, 60_000);

function endOfBar(screen: string): number {
  return screen.lastIndexOf("Sending [");
}

/** How it treats what is typed and written. */
function modesOf({ inputFlags, outputFlags, localFlags }: Bun.Terminal): readonly number[] {
  return [inputFlags, outputFlags, localFlags];
}
