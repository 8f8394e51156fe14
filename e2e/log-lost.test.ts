// A server whose own log cannot be written: it starts, lives on, and says afterwards how many lines were lost.
import { afterEach, beforeEach, expect, test } from "bun:test";
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FETCHML, until } from "./box.ts";
import { mountSmallDisk, needsMount, type SmallDisk } from "./small-disk.ts";

const MIB = 1024 ** 2;

let folder: string;
let server: Bun.Subprocess;
let disk: SmallDisk | null = null;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-log-lost-"));
});

afterEach(async () => {
  await stop();
  disk?.empty();
  await disk?.close();
  disk = null;
  rmSync(folder, { recursive: true, force: true });
});

/** Starts a server with its output redirected as the shell does, and waits until it answers. */
async function serve(redirection: string): Promise<void> {
  const command = `exec "$0" serve --data-dir data --sandbox none --listen 127.0.0.1:0 ${redirection}`;
  server = Bun.spawn(["sh", "-c", command, FETCHML], {
    cwd: folder,
    env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin", HOME: folder },
    stdio: ["ignore", "ignore", "ignore"],
  });
  await until(isAnswering, "the server does not answer");
}

async function stop(): Promise<number> {
  server.kill("SIGTERM");
  return server.exited;
}

async function isAnswering(): Promise<boolean> {
  if (server.exitCode !== null) throw new Error(`the server ended with ${server.exitCode}`);
  try {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "user.whoami" });
    const unix = join(folder, "data/fetchml.sock");
    return (await fetch("http://localhost/rpc", { unix, method: "POST", body })).ok;
  } catch {
    return false;
  }
}

/** Makes it write a line. */
const hangUp = () => server.kill("SIGHUP");

const LOST = /"level":"warn","event":"log-lines-lost","count":[1-9]\d*\}\n/;

test("a server whose log goes to a full disk from the start serves, and stops as asked", async () => {
  await serve(">/dev/full 2>&1");
  hangUp();
  expect(await isAnswering()).toBe(true);
  expect(await stop()).toBe(0);
});

needsMount()(
  "a server outlives that the disk of its log gets full, and says what was lost",
  async () => {
    const small = mountSmallDisk(join(folder, "data"), 32 * MIB);
    disk = small;
    await serve(">data/log 2>&1");
    small.fill();
    const log = join(folder, "data/log");
    await until(async () => {
      hangUp();
      return (await isAnswering()) && statSync(log).size % 4096 === 0;
    }, "the log goes on");
    for (let count = 0; count < 3; count++) {
      hangUp();
      expect(await isAnswering()).toBe(true);
    }
    small.empty();
    await until(() => {
      hangUp();
      return LOST.test(readFileSync(log, "utf8"));
    }, "nothing is said of the lost lines");
    expect(await stop()).toBe(0);
    const lines = readFileSync(log, "utf8")
      .split("\n")
      .filter((line) => line !== "");
    expect(JSON.parse(lines.at(-1) ?? "").event).toBe("stopped");
  },
);

test("a server outlives whoever reads its log, and tells the next reader what was lost", async () => {
  const pipe = join(folder, "pipe");
  expect(Bun.spawnSync(["mkfifo", pipe]).exitCode).toBe(0);
  const open = () => openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
  const first = open();
  await serve(">pipe");
  closeSync(first);
  for (let count = 0; count < 3; count++) {
    hangUp();
    expect(await isAnswering()).toBe(true);
  }
  const next = open();
  let text = "";
  await until(() => {
    hangUp();
    text += readNow(next);
    return LOST.test(text);
  }, "nothing is said of the lost lines");
  expect(await stop()).toBe(0);
  closeSync(next);
});

function readNow(fd: number): string {
  const buffer = Buffer.alloc(65_536);
  try {
    return buffer.toString("utf8", 0, readSync(fd, buffer));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EAGAIN") return "";
    throw error;
  }
}
