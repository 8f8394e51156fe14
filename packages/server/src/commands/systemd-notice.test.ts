// Tests of the notices to systemd, with a socket such as systemd's.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { needsSystem } from "../../../../e2e/system-tool.ts";
import { systemdEnvironment } from "../config/systemd-environment.ts";
import { openSystemdNotice } from "./systemd-notice.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-notice-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Listens as systemd does, and says each datagram on a line of its own. */
const LISTENER = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
name = sys.argv[1]
s.bind("\\0" + name[1:] if name[0] == "@" else name)
print("bound", flush=True)
while True: print(s.recv(4096).decode(), flush=True)
`;

async function listening(
  name: string,
  work: (next: () => Promise<string | undefined>) => Promise<void>,
): Promise<void> {
  const child = Bun.spawn(["python3", "-c", LISTENER, name], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = linesOf(child.stdout);
  const next = async () => (await lines.next()).value ?? undefined;
  try {
    expect(await next()).toBe("bound");
    await work(next);
  } finally {
    child.kill();
    await child.exited;
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, undefined> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    text += decoder.decode(chunk, { stream: true });
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    yield* lines;
  }
}

describe("openSystemdNotice()", () => {
  const withPython = needsSystem("python3");

  withPython("tells a socket that is a file, and gives signs of life", () =>
    listening(join(folder, "notify"), async (next) => {
      const notice = openSystemdNotice({ notifySocket: join(folder, "notify"), watchdogMs: null });
      notice.tell("READY=1");
      expect(await next()).toBe("READY=1");
      notice.close();
      const watched = openSystemdNotice({ notifySocket: join(folder, "notify"), watchdogMs: 20 });
      expect([await next(), await next()]).toEqual(["WATCHDOG=1", "WATCHDOG=1"]);
      watched.close();
      watched.close();
    }),
  );

  withPython("tells a socket that has only a name", async () => {
    const name = `@fetchml-test-${process.pid}-${Date.now()}`;
    await listening(name, async (next) => {
      openSystemdNotice({ notifySocket: name, watchdogMs: null }).tell("STOPPING=1");
      expect(await next()).toBe("STOPPING=1");
    });
  });

  test("tells nobody when nobody listens, and does not fail", () => {
    openSystemdNotice({ notifySocket: null, watchdogMs: null }).tell("READY=1");
    openSystemdNotice({ notifySocket: join(folder, "no"), watchdogMs: null }).tell("READY=1");
  });
});

describe("systemdEnvironment()", () => {
  test("takes a path or a name, and a watchdog that is meant for this process", () => {
    const told = { NOTIFY_SOCKET: "/run/n", WATCHDOG_USEC: "30000000", WATCHDOG_PID: "7" };
    expect(systemdEnvironment(told, 7)).toEqual({ notifySocket: "/run/n", watchdogMs: 30_000 });
    expect(systemdEnvironment(told, 8).watchdogMs).toBeNull();
    expect(systemdEnvironment({ NOTIFY_SOCKET: "@n" }).notifySocket).toBe("@n");
    expect(systemdEnvironment({ NOTIFY_SOCKET: "vsock:2:3", WATCHDOG_USEC: "x" })).toEqual({
      notifySocket: null,
      watchdogMs: null,
    });
  });
});
