// What `ml tunnel` gives up on at once, and what it goes on after, with a real sshd.
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import {
  hasSsh,
  needsSsh,
  openBoxBehindSsh,
  SSH_PATIENCE_MS,
  type BoxBehindSsh,
} from "./behind-ssh.ts";
import { until, writeConfig, type Box, type Ended, type Person } from "./box.ts";
import { freePort, startSshBox, type SshBox } from "./ssh-box.ts";

const withSsh = needsSsh();

let way: BoxBehindSsh;
let box: Box;
let ssh: SshBox;
let alice: Person;
let port: number;
let knownHosts: string;

beforeAll(async () => {
  if (!hasSsh) return;
  way = await openBoxBehindSsh();
  ({ box, ssh, alice } = way);
  knownHosts = readFileSync(ssh.knownHostsPath, "utf8");
}, SSH_PATIENCE_MS);
afterAll(async () => {
  if (hasSsh) await way.close();
}, SSH_PATIENCE_MS);
beforeEach(async () => {
  if (hasSsh) port = await way.takePort();
});
afterEach(async () => {
  if (!hasSsh) return;
  await way.closeTunnels();
  ssh.takeKeys();
  writeFileSync(ssh.knownHostsPath, knownHosts);
});

const remote = (): readonly string[] => ["--port", String(way.boxPort)];
const tunnelTo = (words: readonly string[], more: readonly string[] = []): Promise<Ended> =>
  alice.ml(["tunnel", ...words, "--", ...more, ...ssh.options]);

/** That it ended so, after one try, in at most three lines. */
function expectGaveUp({ code, stderr }: Ended, exit: number, ...parts: readonly string[]): void {
  for (const part of parts) expect(stderr).toContain(part);
  expect(code).toBe(exit);
  expect(stderr).not.toContain("Trying again");
  expect(stderr.trimEnd().split("\n").length).toBeLessThanOrEqual(3);
}

async function listen(onConnection: (end: () => void) => void): Promise<Server> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    onConnection(() => socket.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return server;
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

withSsh("a key that the box refuses", async () => {
  ssh.refuseKeys();
  const ended = await tunnelTo([ssh.target, ...remote()]);
  expectGaveUp(
    ended,
    4,
    "does not let you in",
    "Permission denied (publickey)",
    "ssh-copy-id",
    `ssh -F ${ssh.configPath} ${ssh.target}`,
  );
});

withSsh("a host key that is not known", async () => {
  writeFileSync(ssh.knownHostsPath, "");
  expectGaveUp(
    await tunnelTo([ssh.target]),
    4,
    "its host key is not known here",
    "compare the fingerprint",
  );
});

withSsh("a host key that is another one", async () => {
  const other = readFileSync(join(box.folder, "ssh/user.pub"), "utf8");
  writeFileSync(ssh.knownHostsPath, `[127.0.0.1]:${ssh.port} ${other}`);
  expectGaveUp(await tunnelTo([ssh.target]), 4, "another machine may pose as it", "ssh-keygen -R");
});

withSsh("a port of this machine that another program has", async () => {
  const server = await listen((end) => end());
  writeConfig(alice.home, { apiKey: alice.apiKey, port: portOf(server) });
  try {
    expectGaveUp(
      await tunnelTo([ssh.target]),
      5,
      `port ${portOf(server)} of this machine cannot be used`,
      "another program listens on it",
      `--local-port ${portOf(server) + 1}`,
    );
  } finally {
    server.close();
  }
});

withSsh("a tunnel that is up already", async () => {
  const tunnel = way.open([ssh.target, ...remote()]);
  await tunnel.isUp();
  expectGaveUp(await tunnelTo([ssh.target]), 5, "answers at", "already");
});

withSsh("a box on which nothing listens", async () => {
  const nobody = await freePort();
  expectGaveUp(
    await tunnelTo([ssh.target, "--port", String(nobody)]),
    4,
    `nothing listens on port ${nobody} there`,
    "fetchml serve",
  );
});

withSsh("a box on which another program listens there", async () => {
  const exporter = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: () => new Response("metrics"),
  });
  try {
    const ended = await tunnelTo([ssh.target, "--port", String(exporter.port)]);
    expectGaveUp(ended, 4, "is not FetchML (HTTP status 200)", "node_exporter", '"--port N"');
  } finally {
    await exporter.stop(true);
  }
});

withSsh("a box that forwards no ports", async () => {
  const strict = await startSshBox(join(box.folder, "strict"), "AllowTcpForwarding no\n");
  try {
    const ended = await alice.ml(["tunnel", strict.target, ...remote(), "--", ...strict.options]);
    expectGaveUp(ended, 4, "its sshd forwards no ports for you", "AllowTcpForwarding");
  } finally {
    await strict.close();
  }
});

withSsh("options that ssh does not know", async () => {
  expectGaveUp(
    await tunnelTo([ssh.target], ["-o", "NoSuchOption=1"]),
    4,
    "Bad configuration option",
  );
});

withSsh("words that ssh would take for its own options, and no word at all", async () => {
  expectGaveUp(await tunnelTo(["-oProxyCommand=true"]), 2, "--help");
  rewriteHost("-oProxyCommand=true");
  expectGaveUp(await tunnelTo([]), 2, "worker_host is not the name or address of a host");
  rewriteHost("localhost");
  expectGaveUp(await tunnelTo([]), 2, "names no other machine", "ml tunnel you@box");
});

function rewriteHost(host: string): void {
  const text = `worker_host = "${host}"\napi_url = "ws://localhost:${port}/ws"\n`;
  writeFileSync(join(alice.home, ".ml/config.toml"), text, { mode: 0o600 });
}

withSsh("a box that is off is tried again, with the reason, until it is there", async () => {
  const away = await freePort();
  const { options, lead } = otherWay();
  lead(`Port ${away}`);
  const tunnel = way.open([ssh.target, ...remote()], options);
  await until(() => tunnel.told().includes("Trying again in"), "it does not try again");
  expect(tunnel.told()).toMatch(
    /^Cannot open the tunnel to \S+ yet: connect to host 127\.0\.0\.1 port \d+: Connection refused\. Trying again in 0\.\d s; Ctrl-C ends it\.\n/,
  );
  lead();
  await tunnel.isUp();
});

/** A second ssh_config, in which a line can be put in the place of the one of its kind; `lead()` leads to the box. */
function otherWay(): {
  readonly options: readonly string[];
  readonly lead: (line?: string) => void;
} {
  const path = join(box.folder, "away_config");
  const lead = (line = ""): void => {
    const [kind = ""] = line.split(" ");
    const text = readFileSync(ssh.configPath, "utf8");
    const changed = line === "" ? text : text.replace(new RegExp(`${kind} .*`), line);
    writeFileSync(path, changed, { mode: 0o600 });
  };
  lead();
  return { options: ["-F", path, "-o", `HostKeyAlias=[127.0.0.1]:${ssh.port}`], lead };
}

withSsh("a name that nobody knows", async () => {
  const { options, lead } = otherWay();
  lead("HostName nosuch.invalid");
  const ended = await alice.ml(["tunnel", ssh.target, ...remote(), "--", ...options]);
  expectGaveUp(ended, 4, 'no address is known for the name "nosuch.invalid"', "Is the name right");
});

withSsh(
  "a name that was known before is tried again, as on a laptop that changes networks",
  async () => {
    const { options, lead } = otherWay();
    const tunnel = way.open([ssh.target, ...remote()], options);
    await tunnel.isUp();
    lead("HostName nosuch.invalid");
    expect(await ssh.cut()).toBeGreaterThan(0);
    await until(
      () => tunnel.told().includes("Could not resolve hostname nosuch.invalid"),
      "it does not try again",
    );
    expect(tunnel.told()).toMatch(/lost: Could not resolve hostname .* Trying again in/);
    lead();
    await tunnel.isUp(2);
  },
);

withSsh(
  "a box whose server comes up after its sshd, as after a reboot, is waited for",
  async () => {
    const tunnel = way.open([ssh.target, ...remote()]);
    await tunnel.isUp();
    await box.stop();
    expect(await ssh.cut()).toBeGreaterThan(0);
    await until(() => tunnel.told().includes("does not answer yet"), "it says nothing");
    expect(tunnel.told()).toMatch(
      /The tunnel to \S+ was lost: (?:Connection to 127\.0\.0\.1 closed by remote host|the line was cut: Broken pipe)\. Trying again in 0\.\d s/,
    );
    await box.start();
    await tunnel.isUp(2);
    expect((await alice.ml(["whoami"])).code).toBe(0);
  },
);
