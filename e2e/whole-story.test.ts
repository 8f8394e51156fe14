// The whole story with real parts on one machine: install, init, serve, tunnel, train, pull, back up, lose everything, restore.
import { afterAll, beforeAll, expect } from "bun:test";
import {
  chmodSync,
  cpSync,
  existsSync,
  globSync,
  mkdtempSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  endJobs,
  personAt,
  runToEnd,
  until,
  type Ended,
  type Person,
  type RunOptions,
} from "./box.ts";
import { openTunnel } from "./open-tunnel.ts";
import { plainAccount, type PlainAccount } from "./plain-account.ts";
import { freePort, startSshBox, type SshBox } from "./ssh-box.ts";
import { needsSystem } from "./system-tool.ts";
import { unpackRelease } from "./unpacked-release.ts";

const TOOLS = ["sshd", "ssh", "ssh-keygen", "python3", "setpriv"];
const isReady = TOOLS.every((tool) => Bun.which(tool) !== null);

let folder: string;
let prefix: string;
/** On the box: a plain account, with a home of its own. */
let admin: PlainAccount;
/** On the laptop: another account, or at least another home. */
let alice: Person;
let ssh: SshBox;
const servers: Bun.Subprocess[] = [];

beforeAll(async () => {
  if (!isReady) return;
  folder = mkdtempSync(join(tmpdir(), "fetchml-story-"));
  chmodSync(folder, 0o755);
  const home = join(folder, "box");
  prefix = join(home, "fetchml");
  admin = plainAccount({ home, bin: join(prefix, "bin") });
  alice = withInstalled(personAt(join(folder, "laptop"), { name: "alice", apiKey: "" }));
  cpSync(join(import.meta.dir, "../examples/digits"), join(alice.home, "digits"), {
    recursive: true,
  });
  ssh = await startSshBox(join(folder, "ssh"));
});

afterAll(async () => {
  if (!isReady) return;
  for (const server of servers) server.kill();
  await Promise.all(servers.map(({ exited }) => exited));
  await ssh.close();
  rmSync(folder, { recursive: true });
});

/** The person, but with the `ml` that was installed. */
function withInstalled(person: Person): Person {
  const ml = join(prefix, "bin/ml");
  const settle = ({ cwd, env }: RunOptions = {}) => ({
    cwd: cwd ?? join(person.home, "work"),
    env: { ...admin.env, HOME: person.home, ...env },
  });
  return {
    ...person,
    ml: (args, options = {}) =>
      runToEnd([ml, ...args], { ...settle(options), input: options.input ?? "" }),
    start: (args, options) =>
      Bun.spawn([ml, ...args], {
        ...settle(options),
        stdin: "pipe",
        stdout: "pipe",
        stderr: "pipe",
      }),
  };
}

/** What a person has typed, in order. */
const typed: string[] = [];

async function type(
  line: string,
  command: () => Promise<Ended>,
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  typed.push(line);
  const { code, stdout, stderr } = await command();
  expect([line, code], stderr).toEqual([line, 0]);
  return { stdout, stderr };
}

const onBox = (line: string) => type(line, () => admin.run(line.split(" ")));

const onLaptop = (line: string, input = "") =>
  type(line, () => alice.ml(line.split(" ").slice(1), { cwd: join(alice.home, "digits"), input }));

/** Types `fetchml serve` and waits until it listens. */
async function serve(): Promise<Bun.Subprocess> {
  typed.push("fetchml serve");
  const server = admin.start(["fetchml", "serve"]);
  servers.push(server);
  let said = "";
  void (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of server.stdout) said += decoder.decode(chunk, { stream: true });
  })();
  await until(() => said.includes('"listening"'), "the server does not listen");
  return server;
}

needsSystem(...TOOLS)(
  "from an empty folder to a trained model, and back from a lost disk",
  async () => {
    const begun = performance.now();
    const release = unpackRelease(join(folder, "unpacked"));
    const [port, localPort] = [await freePort(), await freePort()];
    const address = `ws://localhost:${localPort}/ws`;

    await onBox(`${release}/install.sh --prefix ${prefix}`);
    await onBox(`fetchml init --yes --listen 127.0.0.1:${port}`);
    const server = await serve();
    await onBox("fetchml user add alice");
    const { stdout: key } = await onBox("fetchml key issue alice");

    typed.push("ml tunnel you@box");
    const words = [ssh.target, "--port", String(port), "--local-port", String(localPort)];
    const tunnel = openTunnel(alice, ssh, words);
    await tunnel.isUp();
    const login = await onLaptop(`ml login ${address}`, key);
    expect(login.stdout).toContain("alice");
    await onLaptop("ml queue my-training-job");
    const log = await onLaptop("ml logs -f my-training-job");
    expect(log.stdout).toContain("epoch");
    await onLaptop("ml pull my-training-job");
    const pulled = globSync("ml-outputs/**/*", { cwd: join(alice.home, "digits") });
    expect(pulled.join("\n")).toContain("my-training-job-1/");

    const backup = join(admin.home, "fetchml.backup.tar");
    const before = await jobs();
    await onBox(`fetchml backup ${backup}`);
    // Ctrl-C, and then the disk is gone.
    server.kill("SIGINT");
    expect(await server.exited).toBe(0);
    const data = join(admin.home, ".local/share/fetchml");
    expect(existsSync(join(data, "fetchml.db"))).toBe(true);
    await onBox(`rm -r ${data}`);
    await onBox(`fetchml restore ${backup}`);
    await serve();
    await until(
      async () => (await alice.ml(["whoami"])).code === 0,
      "the restored server cannot be reached",
    );
    expect((await onLaptop("ml status")).stdout).toContain("alice");
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    expect(await jobs()).toEqual(before);
    expect(before).toMatchObject([{ name: "my-training-job", state: "succeeded" }]);

    await endJobs(alice);
    await tunnel.close();
    expect(readFileSync(join(admin.home, ".config/fetchml/config.toml"), "utf8")).toContain(
      `listen = "127.0.0.1:${port}"`,
    );
    process.stdout.write(
      `The whole story: ${typed.length} commands typed, ${seconds} s.\n${typed.map((line) => `  ${line.replaceAll(folder, "")}\n`).join("")}`,
    );
    expect(typed.length).toBeLessThanOrEqual(16);
  },
  600_000,
);

/** All of alice's jobs as she sees them. */
async function jobs(): Promise<unknown> {
  const { stdout } = await alice.ml(["list", "--all", "--json"]);
  return JSON.parse(stdout);
}
