// What the unit of deploy/ does to jobs under a real systemd: run in a machine whose first process that is, by systemd-vm.test.ts.
import { beforeAll, expect, test } from "bun:test";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FETCHML, personAt, runToEnd, writeConfig, type Person } from "./box.ts";

const deploy = join(import.meta.dir, "../deploy");
const env = { PATH: process.env["PATH"] ?? "", HOME: "/root" };
const DATA = "/var/lib/fetchml";
const MIB = 1024 ** 2;
const CONTROL = `${DATA}/attempts/1.1/control`;
const GATE = `${DATA}/homes/alice/go`;

let alice: Person;

/** Without KVM the machine is computed: what takes milliseconds elsewhere takes seconds. */
const PATIENCE_MS = 300_000;

async function waitFor(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`${what}: not within ${PATIENCE_MS} ms`);
    await Bun.sleep(100);
  }
}

async function command(...words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runToEnd(words, { env });
  if (code !== 0) {
    const journal = await runToEnd(["systemctl", "status", "--full", "fetchml"], { env });
    throw new Error(`${words.join(" ")} ended with ${code}: ${stdout}${stderr}\n${journal.stdout}`);
  }
  return stdout.trim();
}

const property = (name: string) => command("systemctl", "show", "-P", name, "fetchml");

const shown = async (): Promise<unknown> =>
  JSON.parse((await alice.ml(["show", "gated", "--json"])).stdout);

const processes = () =>
  ["supervisor", "job"].map((file) => readFileSync(join(CONTROL, file), "utf8"));

const limits = () => {
  const folder = readFileSync(join(CONTROL, "cgroup"), "utf8").trim().split(" ")[3] ?? "";
  return readFileSync(join(folder, "memory.max"), "utf8");
};

beforeAll(async () => {
  // As a package puts them, so that the unit is the one that is delivered, to the byte.
  copyFileSync(FETCHML, "/usr/bin/fetchml");
  copyFileSync(join(deploy, "fetchml.service"), "/run/systemd/system/fetchml.service");
  writeFileSync("/etc/fetchml.conf.sysusers", readFileSync(join(deploy, "fetchml.sysusers")));
  await command("systemd-sysusers", "/etc/fetchml.conf.sysusers");
  await command("systemctl", "daemon-reload");
  await command("systemctl", "start", "fetchml");
  await command("fetchml", "user", "add", "alice", "--data-dir", DATA);
  const apiKey = await command("fetchml", "key", "issue", "alice", "--data-dir", DATA);
  alice = personAt("/root/alice", { name: "alice", apiKey });
  writeConfig(alice.home, { apiKey, port: 9100 });
  const script = "echo begun; until [ -e ~/go ]; do sleep 1; done; echo done; exit 7";
  const queued = await alice.ml(["queue", "gated", "--mem", "256M", "--", "sh", "-c", script]);
  if (queued.code !== 0) throw new Error(queued.stderr);
  await waitFor("the job begins", async () => (await alice.ml(["logs", "gated"])).stdout !== "");
}, PATIENCE_MS);

test("the server divides the cgroup of its unit, and the job is held by one of its own", async () => {
  expect(JSON.parse((await alice.ml(["status", "--json"])).stdout)).toMatchObject({
    server: { sandbox: "bubblewrap", cgroups: true },
  });
  expect(limits()).toBe(`${256 * MIB}\n`);
});

test.each([
  ["systemctl restart", ["systemctl", "restart", "fetchml"]],
  ["systemctl stop, and start", ["sh", "-c", "systemctl stop fetchml && systemctl start fetchml"]],
  [
    "systemctl kill -s KILL, which systemd mends",
    ["systemctl", "kill", "-s", "KILL", "--kill-whom=main", "fetchml"],
  ],
] as const)(
  "a job goes on, and is adopted with its limits: %s",
  async (_how, how) => {
    const before = processes();
    const server = await property("MainPID");
    await command(...how);
    await waitFor("another server answers", async () => {
      const pid = await property("MainPID");
      return pid !== server && pid !== "0" && (await alice.ml(["status"])).code === 0;
    });
    expect(await shown()).toMatchObject({ state: "running", attempt: 1 });
    expect(processes()).toEqual(before);
    expect(limits()).toBe(`${256 * MIB}\n`);
    expect(await property("ActiveState")).toBe("active");
  },
  PATIENCE_MS,
);

test(
  "and is told of as it ends",
  async () => {
    writeFileSync(GATE, "");
    expect((await alice.ml(["wait", "gated"])).code).toBe(7);
    expect((await alice.ml(["logs", "gated"])).stdout).toBe("begun\ndone\n");
    expect(await shown()).toMatchObject({ state: "failed", attempt: 1 });
  },
  PATIENCE_MS,
);

test(
  "a job over its memory is told of with its limit, and with the most that all of it used",
  async () => {
    const use = "python3 -c 'x = [b\"x\" * 2 ** 20 for _ in range(500)]'";
    const queued = ["queue", "hungry", "--mem", "64M", "--", "sh", "-c", `${use}; exit 1`];
    expect((await alice.ml(queued)).code).toBe(0);
    expect((await alice.ml(["wait", "hungry"])).code).toBe(137);
    const { outcome, attempts } = JSON.parse((await alice.ml(["show", "hungry", "--json"])).stdout);
    expect(outcome).toMatchObject({ kind: "host-oom", limit_bytes: 64 * MIB });
    expect(attempts[0].peak_mem_of).toBe("attempt");
    expect(attempts[0].peak_mem_bytes).toBeGreaterThan(32 * MIB);
    expect(attempts[0].peak_mem_bytes).toBeLessThanOrEqual(64 * MIB);
    const text = (await alice.ml(["show", "hungry"])).stdout;
    expect(text).toMatch(/^Outcome +ran out of its memory of 64 MiB$/m);
    expect(text).toMatch(/ MEMORY .*\n.* (?:64|6[0-3]\.\d) MiB /);
    const why = (await alice.ml(["why", "hungry"])).stdout;
    expect(why).toContain("It was ended because it went over its memory of 64 MiB.");
  },
  PATIENCE_MS,
);

test("status says what holds jobs", async () => {
  expect((await alice.ml(["status"])).stdout).toMatch(/^Sandbox +bubblewrap, with cgroups$/m);
});
