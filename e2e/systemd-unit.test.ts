// The unit, the account and the AppArmor profile in `deploy/`: their own tools find no fault, and what is written of them is true.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FETCHML, runToEnd, until } from "./box.ts";
import { needsSystem } from "./system-tool.ts";

const deploy = join(import.meta.dir, "../deploy");
const unit = readFileSync(join(deploy, "fetchml.service"), "utf8");

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-unit-"));
  for (const name of ["fetchml.service", "fetchml-user.service"]) {
    const text = readFileSync(join(deploy, name), "utf8").replaceAll("/usr/bin/fetchml", FETCHML);
    writeFileSync(join(folder, name), text);
  }
});

afterAll(() => rmSync(folder, { recursive: true }));

const env = () => ({ PATH: process.env["PATH"] ?? "", HOME: folder, XDG_RUNTIME_DIR: folder });
const analyze = (...args: readonly string[]) =>
  runToEnd(["systemd-analyze", ...args], { cwd: folder, env: env() });

const withSystemd = needsSystem("systemd-analyze");

describe("fetchml.service", () => {
  for (const [name, scope] of [
    ["fetchml.service", "--system"],
    ["fetchml-user.service", "--user"],
  ] as const) {
    withSystemd(`${name} has no fault that systemd-analyze verify finds`, async () => {
      const { code, stderr } = await analyze("verify", scope, "--man=no", join(folder, name));
      // Older than 254 it says so of a word that it does not know, and goes on.
      const said = stderr.split("\n").filter((line) => !line.includes("'DelegateSubgroup'"));
      expect([code, said.join("\n")]).toEqual([0, ""]);
    });
  }

  withSystemd("has the exposure that deploy/README.md states", async () => {
    const { stdout } = await analyze(
      "security",
      "--offline=yes",
      "--no-pager",
      join(folder, "fetchml.service"),
    );
    const measured = /exposure level for fetchml\.service: (\d+\.\d)/.exec(stdout)?.[1];
    const text = readFileSync(join(deploy, "README.md"), "utf8");
    const stated = new Map(
      [...text.matchAll(/\*\*(\d+\.\d)\*\* by systemd (\d+)/g)].map(([, exposure, version]) => [
        version,
        exposure,
      ]),
    );
    expect(stated.size).toBeGreaterThan(1);
    const here = /^systemd (\d+)/.exec((await analyze("--version")).stdout)?.[1];
    // Each release of systemd weighs anew: elsewhere it is held to a bound.
    if (stated.has(here)) expect(measured).toBe(stated.get(here) ?? "");
    else expect(Number(measured)).toBeLessThan(5);
  });

  test("has what lets jobs outlive the server, and nothing that would keep them from running", () => {
    for (const line of [
      "KillMode=process",
      "OOMPolicy=continue",
      "Delegate=yes",
      "LimitCORE=0",
      "StateDirectory=fetchml",
      "User=fetchml",
      "Type=notify",
      // Else five failures within ten seconds would be the last, also when their reason is gone.
      "StartLimitIntervalSec=0",
      "Restart=always",
      "RestartPreventExitStatus=2",
    ]) {
      expect(unit).toContain(`\n${line}\n`);
    }
    // Without it systemd before 254 cannot start the server again while a job runs.
    expect(unit).toMatch(/^ExecStopPost=-.*cgroup\.subtree_control/m);
    const harmful =
      /^(?:MemoryDenyWriteExecute|RestrictNamespaces|PrivateDevices|ProtectClock|ProtectKernelTunables|ProtectKernelLogs|ProtectProc|ProcSubset|DeviceAllow|PrivateUsers)=/m;
    expect(unit).not.toMatch(harmful);
  });
});

describe("fetchml serve under systemd", () => {
  needsSystem("python3")("says when it is ready, that it lives, and that it stops", async () => {
    const listener = Bun.spawn(["python3", "-c", LISTENER, join(folder, "notify")], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let news = "";
    const reading = (async () => {
      const decoder = new TextDecoder();
      for await (const chunk of listener.stdout) news += decoder.decode(chunk);
    })();
    await until(() => news.includes("bound"), "the listener does not start");
    chmodSync(folder, 0o711);
    const server = Bun.spawn([FETCHML, "serve", "--listen", "127.0.0.1:0", "--sandbox", "none"], {
      env: {
        ...env(),
        NOTIFY_SOCKET: join(folder, "notify"),
        WATCHDOG_USEC: "100000",
        STATE_DIRECTORY: join(folder, "state"),
      },
      stdio: ["ignore", "ignore", "inherit"],
    });
    try {
      await until(
        () => news.includes("WATCHDOG=1\nWATCHDOG=1\n"),
        "the server gives no sign of life",
      );
      server.kill("SIGTERM");
      expect(await server.exited).toBe(0);
      await until(() => news.includes("STOPPING=1"), "the server does not say that it stops");
      expect(news.split("\n").slice(0, 2)).toEqual(["bound", "READY=1"]);
    } finally {
      server.kill("SIGKILL");
      listener.kill();
      await Promise.all([server.exited, listener.exited, reading]);
    }
  });
});

/** Prints each datagram on a line of its own. */
const LISTENER = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("bound", flush=True)
while True: print(s.recv(4096).decode(), flush=True)
`;

describe("the AppArmor profile", () => {
  needsSystem("apparmor_parser")("has no fault that apparmor_parser finds", async () => {
    const path = ["/usr/sbin", "/sbin", process.env["PATH"] ?? ""].join(":");
    const parse = (file: string) =>
      runToEnd(["apparmor_parser", "--skip-kernel-load", "--skip-cache", file], {
        env: { PATH: path },
      });
    const version = (await runToEnd(["apparmor_parser", "--version"], { env: { PATH: path } }))
      .stdout;
    const profile = readFileSync(join(deploy, "apparmor/fetchml"), "utf8");
    // Before version 4 there is no rule about user namespaces: then all but that line is looked at.
    const isOld = Number(/version (\d+)/.exec(version)?.[1]) < 4;
    const known = isOld
      ? profile.replace("  userns,\n", "").replace("abi/4.0", "abi/3.0")
      : profile;
    writeFileSync(join(folder, "profile"), known);
    const { code, stderr } = await parse(join(folder, "profile"));
    expect([code, stderr]).toEqual([0, expect.not.stringContaining("error")]);
    writeFileSync(join(folder, "broken"), known.replace("include if exists", "includes"));
    expect((await parse(join(folder, "broken"))).code).not.toBe(0);
    expect(profile).toContain("\n  userns,\n");
  });
});
