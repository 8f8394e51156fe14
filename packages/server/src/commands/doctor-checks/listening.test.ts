// Tests of finding out who listens where, and of what the doctor says to it.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkExposure } from "./exposure-check.ts";
import { listeningBeside, listeningSockets } from "./listening.ts";

let folder: string;
let dataDir: string;
let socket: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-listening-"));
  dataDir = join(folder, "data");
  socket = join(dataDir, "fetchml.sock");
});

afterEach(() => rmSync(folder, { recursive: true }));

/** A `/proc` in which process 7 has the admin's socket and listens on these addresses, as the kernel writes them. */
function procWith(addresses: readonly string[]): string {
  const proc = join(folder, "proc");
  mkdirSync(join(proc, "net"), { recursive: true });
  mkdirSync(join(proc, "7/fd"), { recursive: true });
  const line = (address: string, state: string, inode: number) =>
    `   0: ${address}:238C 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000  1000        0 ${inode} 1`;
  const tables = { tcp: 8, tcp6: 32 };
  for (const [name, length] of Object.entries(tables)) {
    const rows = addresses.flatMap((address, index) =>
      address.length === length ? [line(address, "0A", 100 + index)] : [],
    );
    const others = [line("0".repeat(length), "0A", 90), line("0".repeat(length), "01", 100)];
    writeFileSync(join(proc, "net", name), ["  sl  local_address", ...rows, ...others].join("\n"));
  }
  const unix = [
    "Num       RefCount Protocol Flags    Type St Inode Path",
    `0000000000000000: 00000003 00000000 00000000 0001 03 51 ${socket}`,
    `0000000000000000: 00000002 00000000 00010000 0001 01 50 ${socket}`,
  ];
  writeFileSync(join(proc, "net/unix"), unix.join("\n"));
  for (const inode of [50, ...addresses.map((_, index) => 100 + index)]) {
    symlinkSync(`socket:[${inode}]`, join(proc, `7/fd/${inode}`));
  }
  return proc;
}

const THIS_MACHINE = "0100007F";
const EVERYWHERE = "00000000";
const THIS_MACHINE_6 = "00000000000000000000000001000000";
const MAPPED = "0000000000000000FFFF00000100007F";

describe("listeningBeside()", () => {
  test("reads addresses of both families as the kernel writes them", () => {
    const proc = procWith([THIS_MACHINE, EVERYWHERE, THIS_MACHINE_6, MAPPED]);
    const { pid, sockets = [] } = listeningBeside(socket, proc) ?? {};
    expect(pid).toBe(7);
    expect(sockets.map(({ host, port }) => `${host} ${port}`)).toEqual([
      "127.0.0.1 9100",
      "0.0.0.0 9100",
      "::1 9100",
      "127.0.0.1 9100",
    ]);
  });

  test("finds this very process by a socket of its own", async () => {
    mkdirSync(dataDir);
    const admin = Bun.serve({ unix: socket, fetch: () => new Response("ok") });
    const tcp = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response("ok") });
    const found = listeningBeside(socket);
    const { port } = tcp;
    await Promise.all([admin.stop(true), tcp.stop(true)]);
    expect(found?.pid).toBe(process.pid);
    expect(found?.sockets).toContainEqual(
      expect.objectContaining({ host: "127.0.0.1", port: port ?? 0 }),
    );
    expect(listeningBeside(socket)).toBeNull();
  });

  test("finds nobody where nothing can be read", () => {
    expect(listeningBeside(socket, join(folder, "none"))).toBeNull();
    expect(listeningSockets(join(folder, "none"))).toEqual([]);
  });
});

describe("checkExposure()", () => {
  const judge = (proc: string, more: { host?: string; trustedProxies?: string[] } = {}) =>
    checkExposure(
      {
        listen: { host: more.host ?? "127.0.0.1", port: 0 },
        dataDir,
        trustedProxies: more.trustedProxies ?? [],
        configPath: "/etc/fetchml/config.toml",
      },
      proc,
    );

  test("is content with a server that only this machine reaches", async () => {
    expect(await judge(procWith([THIS_MACHINE]))).toMatchObject({
      status: "ok",
      facts: { listens: "127.0.0.1:9100", is_running: true },
    });
  });

  test("fails for one that everybody reaches, whatever the config says", async () => {
    expect(await judge(procWith([EVERYWHERE]))).toMatchObject({
      status: "failed",
      message: expect.stringContaining("0.0.0.0:9100"),
      fix: "fetchml serve --listen 127.0.0.1:0",
    });
    expect(await judge(join(folder, "proc"), { host: "0.0.0.0" })).toMatchObject({
      fix: "${EDITOR:-vi} /etc/fetchml/config.toml",
    });
  });

  test("warns where a proxy is named that may be the only one to reach it", async () => {
    expect(await judge(procWith([EVERYWHERE]), { trustedProxies: ["10.0.0.2"] })).toMatchObject({
      status: "warning",
      fix: "sudo ufw allow proto tcp from 10.0.0.2 to any port 9100",
    });
  });

  test("goes by the config where no server runs", async () => {
    const nobody = join(folder, "none");
    expect((await judge(nobody)).message).toContain("is free");
    expect((await judge(nobody, { host: "0.0.0.0" })).status).toBe("failed");
  });
});
