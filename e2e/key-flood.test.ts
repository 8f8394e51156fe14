// Strangers by the thousand, half-open and refused: whoever has a key goes on working as if they were not there.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { generateApiKey } from "@fetchml/protocol";
import { openBox, until, type Box, type Person } from "./box.ts";
import type { FloodReport } from "./stranger-flood.ts";

let box: Box;
let alice: Person;

beforeAll(async () => {
  box = await openBox();
  alice = await box.addPerson("alice");
});
afterAll(() => box.close());

const openFiles = () => readdirSync(`/proc/${box.pid}/fd`).length;

function startFlood() {
  const randomBytes = (count: number) => crypto.getRandomValues(new Uint8Array(count));
  const wrongKey = generateApiKey({ id: alice.apiKey.slice(8, 12), randomBytes });
  const port = new URL(box.httpUrl).port;
  const child = Bun.spawn(
    [process.execPath, join(import.meta.dir, "stranger-flood.ts"), port, wrongKey],
    { stdin: "pipe", stdout: "pipe", stderr: "inherit" },
  );
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  return {
    async report(): Promise<FloodReport> {
      void child.stdin.write("?\n");
      void child.stdin.flush();
      return JSON.parse((await lines.read()).value ?? "{}");
    },
    async end(): Promise<void> {
      void child.stdin.end();
      await child.exited;
    },
  };
}

/** What alice gets on a connection of its own. */
async function statusOverHttp(): Promise<number> {
  const response = await fetch(`${box.httpUrl}/rpc`, {
    method: "POST",
    keepalive: false,
    headers: { authorization: `Bearer ${alice.apiKey}`, "content-type": "application/json" },
    body: '{"jsonrpc":"2.0","id":1,"method":"user.whoami"}',
  });
  return response.status;
}

/** A WebSocket of alice's, open all the time, and what she calls on it. */
async function openSocket() {
  const socket = new WebSocket(box.url, { headers: { authorization: `Bearer ${alice.apiKey}` } });
  const waiting = new Map<number, (user: unknown) => void>();
  let closes = 0;
  socket.addEventListener("close", () => (closes += 1));
  socket.addEventListener("message", ({ data }) => {
    const { id, result } = JSON.parse(String(data));
    waiting.get(id)?.(result?.user);
  });
  await new Promise((resolve) => socket.addEventListener("open", resolve));
  let last = 0;
  return {
    closes: () => closes,
    whoami: () =>
      new Promise((resolve) => {
        last += 1;
        waiting.set(last, resolve);
        socket.send(JSON.stringify({ jsonrpc: "2.0", id: last, method: "user.whoami" }));
      }),
    close: () => socket.close(),
  };
}

describe("1,000 upgrades a second without a right key, and 1,250 connections that stay half open", () => {
  test("are noticed by nobody with a key, and are gone soon", async () => {
    const socket = await openSocket();
    const before = openFiles();
    const flood = startFlood();
    try {
      let report = await flood.report();
      const refused = () => (report.answers["401"] ?? 0) + (report.answers["429"] ?? 0);
      let rounds = 0;
      const deadline = Date.now() + 120_000;
      while (refused() < 10_000 || report.closed < report.half_open) {
        if (Date.now() > deadline) throw new Error(`strangers stay: ${JSON.stringify(report)}`);
        // One connection that was there before, one over HTTP, and what a new `ml` sends.
        expect(await socket.whoami()).toBe("alice");
        expect(await statusOverHttp()).toBe(200);
        if (rounds % 10 === 0) {
          const queued = await alice.ml(["queue", `job-${rounds}`, "--hold", "--", "true"]);
          expect(queued.code, queued.stderr).toBe(0);
        }
        rounds += 1;
        await Bun.sleep(10);
        report = await flood.report();
      }
      expect(Object.keys(report.answers).toSorted()).toEqual(["401", "429"]);
      expect(report.half_open).toBe(1_250);
      expect(socket.closes()).toBe(0);
    } finally {
      await flood.end();
      socket.close();
    }
    await until(() => openFiles() <= before, "the server still has strangers' connections");
    expect(box.log.split("\n").length).toBeLessThan(200);
    const { stdout } = await box.admin(["audit", "--since", "1h", "--json"]);
    const told = (JSON.parse(stdout) as { action: string }[]).filter(
      ({ action }) => action === "authenticate",
    );
    expect(told.length).toBeLessThan(10);
  }, 150_000);
});
