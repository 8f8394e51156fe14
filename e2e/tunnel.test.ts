// `ml tunnel` through a real sshd: it opens, says who answers, ends cleanly, and leaves nothing behind.
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  hasSsh,
  needsSsh,
  openBoxBehindSsh,
  SSH_PATIENCE_MS,
  type BoxBehindSsh,
} from "./behind-ssh.ts";
import { runToEnd, until, type Person } from "./box.ts";
import type { OpenTunnel } from "./open-tunnel.ts";
import { childrenOf, freePort, type SshBox } from "./ssh-box.ts";

const withSsh = needsSsh();

let way: BoxBehindSsh;
let ssh: SshBox;
let alice: Person;
/** This machine's end of the tunnel, as alice's config has it. */
let port: number;

beforeAll(async () => {
  if (!hasSsh) return;
  way = await openBoxBehindSsh();
  ({ ssh, alice } = way);
}, SSH_PATIENCE_MS);
afterAll(async () => {
  if (hasSsh) await way.close();
}, SSH_PATIENCE_MS);
beforeEach(async () => {
  if (hasSsh) port = await way.takePort();
});
afterEach(async () => {
  if (hasSsh) await way.closeTunnels();
});

const remote = (): readonly string[] => ["--port", String(way.boxPort)];
const open = (words: readonly string[]): OpenTunnel => way.open(words);
const isRunning = (pid: number): boolean => existsSync(`/proc/${pid}/exe`);
const rewriteConfig = (change: (text: string) => string): void => {
  const path = join(alice.home, ".ml/config.toml");
  writeFileSync(path, change(readFileSync(path, "utf8")), { mode: 0o600 });
};

withSsh("ml status works through the tunnel, and not without it", async () => {
  const before = await alice.ml(["status"]);
  expect([before.code, before.stderr]).toEqual([
    4,
    `Cannot reach FetchML at ws://localhost:${port}/ws: connection refused. Is the SSH tunnel up? Try "ml tunnel you@box"\n`,
  ]);
  const tunnel = open([ssh.target, ...remote()]);
  await tunnel.isUp();
  expect(tunnel.told()).toBe(
    `The tunnel to ${ssh.target} is up: FetchML answers at ws://localhost:${port}/ws. Leave this open; Ctrl-C closes it.\n`,
  );
  expect((await alice.ml(["status"])).stdout).toContain("alice");
  expect(await tunnel.close()).toBe(130);
  expect(tunnel.told()).toEndWith(`\nThe tunnel to ${ssh.target} is closed.\n`);
  expect((await alice.ml(["status"])).code).toBe(4);
});

withSsh("without words it leads to the config's worker_host, which advice names, too", async () => {
  rewriteConfig((text) => text.replace('"localhost"', `"${ssh.target}"`));
  expect((await alice.ml(["status"])).stderr).toContain(`Try "ml tunnel ${ssh.target}"`);
  const { stdout } = await alice.ml(["doctor"]);
  expect(stdout).toContain(`ml tunnel ${ssh.target}\n`);
  const tunnel = open(remote());
  await tunnel.isUp();
  expect((await alice.ml(["whoami"])).code).toBe(0);
});

withSsh("another port of this machine is told with how to use it", async () => {
  const other = await freePort();
  const tunnel = open([ssh.target, ...remote(), "--local-port", String(other)]);
  await tunnel.isUp();
  expect(tunnel.told()).toContain(`set api_url = "ws://localhost:${other}/ws"`);
  const env = { ML_API_URL: `ws://localhost:${other}/ws`, ML_API_KEY: alice.apiKey };
  expect((await alice.ml(["whoami"], { env })).code).toBe(0);
});

for (const signal of ["SIGINT", "SIGTERM", "SIGKILL"] as const) {
  withSsh(`${signal} to ml ends ssh, too`, async () => {
    const tunnel = open([ssh.target, ...remote()]);
    await tunnel.isUp();
    const pids = childrenOf(tunnel.pid);
    const names = pids.map((pid) => readFileSync(`/proc/${pid}/comm`, "utf8").trim());
    expect(names).toContain("ssh");
    tunnel.kill(signal);
    await tunnel.exited;
    await until(() => !pids.some(isRunning), `${names.join(", ")} live on`);
    await until(async () => (await alice.ml(["whoami"])).code === 4, "the port is open");
  });
}

withSsh("ml killed while ssh still connects leaves no ssh", async () => {
  // Takes connections and never says a word.
  const silent = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
  try {
    const child = alice.start([
      "tunnel",
      ssh.target,
      "--",
      "-p",
      String(silent.port),
      ...ssh.options,
    ]);
    await until(() => childrenOf(child.pid).length >= 3, "ssh does not start");
    const pids = childrenOf(child.pid);
    child.kill("SIGKILL");
    await child.exited;
    await until(() => !pids.some(isRunning), "ssh lives on");
  } finally {
    silent.stop(true);
  }
});

withSsh("ssh gets no key: not in its arguments, and not in its environment", async () => {
  const child = alice.start(["tunnel", ssh.target, ...remote(), "--", ...ssh.options], {
    env: { ML_API_KEY: alice.apiKey, ML_CONFIG: join(alice.home, ".ml/config.toml") },
  });
  try {
    await until(async () => (await alice.ml(["whoami"])).code === 0, "the tunnel is not up");
    const pids = childrenOf(child.pid);
    expect(pids.length).toBeGreaterThan(0);
    for (const pid of pids) {
      const seen = ["cmdline", "environ"].map((file) =>
        readFileSync(`/proc/${pid}/${file}`, "utf8"),
      );
      expect(seen.join("\0")).toContain(ssh.configPath);
      expect(seen.join("\0")).not.toContain(alice.apiKey);
      expect(seen[1]).not.toMatch(/(?:^|\0)ML_/);
    }
  } finally {
    child.kill("SIGINT");
    await child.exited;
  }
});

withSsh("what --print-config prints makes ssh do the same by itself", async () => {
  const printed = await alice.ml(["tunnel", ssh.target, ...remote(), "--print-config"]);
  expect([printed.code, printed.stderr]).toEqual([0, ""]);
  expect(printed.stdout).toContain(`\n  LocalForward ${port} localhost:${way.boxPort}\n`);
  // As it says: what the Host of that name has is copied below it.
  const known = readFileSync(ssh.configPath, "utf8").split("\n").slice(1).join("\n");
  const file = join(alice.home, "ssh_config");
  writeFileSync(file, printed.stdout.replace(/^ {2}HostName .*\n/m, "") + known, { mode: 0o600 });
  const child = Bun.spawn(["ssh", "-F", file, "-N", "fetchml"], {
    stdin: "ignore",
    stderr: "pipe",
  });
  try {
    await until(async () => (await alice.ml(["whoami"])).code === 0, "ssh does not open it");
  } finally {
    child.kill();
    await child.exited;
  }
  const checked = await runToEnd(["ssh", "-G", "-F", file, "fetchml"], {
    env: { PATH: process.env["PATH"] ?? "" },
  });
  expect(checked.stdout).toContain("exitonforwardfailure yes");
});
