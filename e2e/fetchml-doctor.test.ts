// `fetchml doctor` on real boxes: a good one, one with open modes, a stopped server, a damaged database, a stranger's port.
import { afterEach, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { FETCHML, openBox, runToEnd, until, type Box } from "./box.ts";
import { plainAccount } from "./plain-account.ts";

const boxes: Box[] = [];

afterEach(async () => {
  for (const box of boxes.splice(0)) await box.close();
});

async function open(options: Parameters<typeof openBox>[0] = {}): Promise<Box> {
  const box = await openBox(options);
  boxes.push(box);
  return box;
}

interface Told {
  readonly code: number;
  readonly ok: boolean;
  readonly not_checked: readonly string[];
  readonly check: (name: string) => Readonly<Record<string, unknown>>;
  readonly names: readonly string[];
}

async function doctor(box: Box, ...args: readonly string[]): Promise<Told> {
  const { code, stdout, stderr } = await box.admin(["doctor", "--json", ...args]);
  expect(stderr).toBe("");
  // By the words of the documentation.
  const { checks, ok, not_checked } = JSON.parse(stdout) as {
    readonly ok: boolean;
    readonly not_checked: readonly string[];
    readonly checks: readonly Readonly<Record<string, unknown>>[];
  };
  const names = checks.map(({ name }) => String(name));
  const check = (name: string) => checks.find((each) => each["name"] === name) ?? {};
  return { code, ok, not_checked, names, check };
}

/** Types the command that a check advises. */
function mend(fix: unknown): void {
  expect(Bun.spawnSync(["sh", "-c", String(fix)]).exitCode).toBe(0);
}

const ALL =
  "config data-folder disk database backup server unit port keys gpu sandbox cgroups clock".split(
    " ",
  );

test("fetchml doctor makes every check of a good box, and changes nothing", async () => {
  const box = await open({ sandbox: "auto" });
  await box.addPerson("ada");
  const before = statSync(join(box.dataDir, "fetchml.db")).mtimeMs;
  const told = await doctor(box);
  expect([told.code, told.ok, told.names, told.not_checked]).toEqual([0, true, ALL, []]);
  for (const name of ["config", "data-folder", "database", "server", "port", "keys"]) {
    expect(told.check(name)).toMatchObject({ name, status: "ok" });
  }
  expect(told.check("port")).toMatchObject({
    facts: { listens: new URL(box.httpUrl).host, is_running: true },
  });
  expect(told.check("keys")).toMatchObject({ facts: { valid: 1, ending_soon: 0 } });
  expect(told.check("backup")).toMatchObject({ status: "warning", facts: { last_at: null } });
  expect(statSync(join(box.dataDir, "fetchml.db")).mtimeMs).toBe(before);
  expect((await box.admin(["backup", join(box.folder, "fetchml.backup.tar")])).code).toBe(0);
  expect((await doctor(box)).check("backup")).toMatchObject({
    status: "ok",
    facts: { last_at: expect.any(Number) },
  });
  const { stdout, code } = await box.admin(["doctor"]);
  expect(code).toBe(0);
  for (const name of ALL) expect(stdout).toMatch(new RegExp(`^(?:ok|warning) +${name} `, "m"));
  expect(stdout).toMatch(/\n\n\d+ ok, \d+ warnings, 0 failed\n$/);
});

test("fetchml doctor fails for a data folder that others can look into, and its advice mends it", async () => {
  const box = await open();
  chmodSync(box.dataDir, 0o755);
  const told = await doctor(box);
  expect([told.code, told.ok]).toEqual([1, false]);
  expect(told.check("data-folder")).toMatchObject({ status: "failed", facts: { mode: "0755" } });
  expect(told.not_checked).toEqual(["database", "backup", "server", "keys"]);
  mend(told.check("data-folder")["fix"]);
  expect((await doctor(box)).code).toBe(0);
  chmodSync(join(box.dataDir, "fetchml.db"), 0o644);
  const inside = await doctor(box);
  expect([inside.code, inside.check("data-folder")["status"]]).toEqual([0, "warning"]);
  mend(inside.check("data-folder")["fix"]);
  expect((await doctor(box)).check("data-folder")["status"]).toBe("ok");
});

test("fetchml doctor fails when the server is stopped or hangs, and is content when it is back", async () => {
  const box = await open();
  process.kill(box.pid, "SIGSTOP");
  const hung = await doctor(box);
  expect(hung.check("server")).toMatchObject({
    status: "failed",
    message: expect.stringContaining("does not answer"),
  });
  process.kill(box.pid, "SIGCONT");
  await box.stop();
  const told = await doctor(box);
  expect([told.code, told.not_checked]).toEqual([1, ["keys"]]);
  expect(told.check("server")).toMatchObject({ status: "failed" });
  expect(told.check("database")).toMatchObject({ status: "ok" });
  await box.start();
  expect((await doctor(box)).code).toBe(0);
}, 60_000);

test("fetchml doctor warns of a drained box, of keys that end soon, and of no wall between jobs", async () => {
  const box = await open();
  await box.admin(["user", "add", "ben"]);
  const { stdout } = await box.admin(["key", "issue", "ben", "--expires", "3d", "--json"]);
  const { id } = JSON.parse(stdout);
  await box.admin(["drain"]);
  const told = await doctor(box);
  expect(told.code).toBe(0);
  // What is advised is for the same folder, and for root where root asked.
  const place = ` --data-dir ${box.dataDir}`;
  const rotate = `fetchml key rotate ${id}${place}`;
  expect(told.check("keys")).toMatchObject({ status: "warning", fix: rotate });
  expect(told.check("server")).toMatchObject({ status: "warning", fix: `fetchml resume${place}` });
  const env = { PATH: "/usr/bin:/bin", HOME: box.folder, SUDO_USER: "ann" };
  const asked = await runToEnd([FETCHML, "doctor", "--data-dir", box.dataDir], { env });
  expect(asked.stdout).toContain(`sudo fetchml resume${place}\n`);
  expect(told.check("sandbox")).toMatchObject({ status: "warning", facts: { running: "none" } });
});

test("fetchml doctor fails for a damaged database", async () => {
  const box = await open();
  await box.stop();
  truncateSync(join(box.dataDir, "fetchml.db"), 40_960);
  const told = await doctor(box);
  expect([told.code, told.check("database")["status"]]).toEqual([1, "failed"]);
  rmSync(join(box.dataDir, "fetchml.db"));
});

test("fetchml doctor says what is wrong with the config, and checks nothing by it", async () => {
  const box = await open({ config: "" });
  const path = join(box.folder, "config.toml");
  writeFileSync(path, "cpus = -1\n");
  const told = await doctor(box);
  expect([told.code, told.names, told.not_checked.length]).toEqual([1, ["config"], ALL.length - 1]);
  expect(told.check("config")).toMatchObject({
    status: "failed",
    fix: `\${EDITOR:-vi} ${path}`,
    message: expect.stringContaining("line 1: cpus"),
  });
});

test("fetchml doctor sees a port that a stranger has, and a config that opens the server to all", async () => {
  const stranger = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("") });
  const box = await open({ config: "" });
  await box.stop();
  const path = join(box.folder, "config.toml");
  writeFileSync(path, `listen = "127.0.0.1:${stranger.port}"\n`);
  const taken = await doctor(box);
  await stranger.stop(true);
  expect(taken.check("port")).toMatchObject({
    status: "failed",
    message: expect.stringContaining("something else"),
  });
  writeFileSync(path, 'listen = "0.0.0.0:9100"\n');
  const exposed = (await doctor(box)).check("port");
  expect(exposed).toMatchObject({ status: "failed", fix: `\${EDITOR:-vi} ${path}` });
});

test("fetchml doctor on a box that was never set up says to set it up", async () => {
  const box = await open();
  const places = ["--data-dir", join(box.folder, "none"), "--config", "/dev/null"];
  const env = { PATH: process.env["PATH"] ?? "", HOME: box.folder };
  const { code, stdout } = await runToEnd([FETCHML, "doctor", ...places], { env });
  expect(code).toBe(1);
  expect(stdout).toContain(` fetchml init --config /dev/null --data-dir ${places[1]}\n`);
  expect(stdout).toContain("\nNot checked: database, backup, server, keys\n");
});

const isRoot = process.geteuid?.() === 0;

test.skipIf(!isRoot)(
  "fetchml doctor as another account names who has to ask, and as root asks as the folder's owner",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "fetchml-owner-"));
    chmodSync(folder, 0o755);
    const nobody = plainAccount({ home: join(folder, "home"), bin: dirname(FETCHML) });
    const dataDir = join(nobody.home, "data");
    const places = ["--data-dir", dataDir, "--config", "/dev/null"];
    const listen = ["--listen", "127.0.0.1:0", "--sandbox", "none"];
    const server = nobody.start(["fetchml", "serve", ...places, ...listen]);
    try {
      await until(() => existsSync(join(dataDir, "fetchml.sock")), "the server does not start");
      const command = [FETCHML, "doctor", "--json", ...places];
      const env = { PATH: process.env["PATH"] ?? "", HOME: folder };
      await until(
        async () => (await runToEnd(command, { env })).code === 0,
        "root's doctor is not content",
      );
      const { stdout } = await runToEnd(command, { env });
      expect(JSON.parse(stdout)).toMatchObject({
        ok: true,
        not_checked: [],
        checks: expect.arrayContaining([
          expect.objectContaining({
            name: "port",
            facts: { listens: expect.stringMatching(/^127\.0\.0\.1:\d+$/), is_running: true },
          }),
        ]),
      });
      for (const name of readdirSync(dataDir)) {
        expect([name, statSync(join(dataDir, name)).uid]).toEqual([name, statSync(dataDir).uid]);
      }
      const drop = ["setpriv", "--reuid=65533", "--regid=65533", "--clear-groups"];
      const stranger = await runToEnd([...drop, FETCHML, "doctor", ...places], { env });
      expect([stranger.code, stranger.stderr]).toEqual([1, ""]);
      expect(stranger.stdout).toContain("sudo fetchml doctor");
    } finally {
      server.kill();
      await server.exited;
      rmSync(folder, { recursive: true });
    }
  },
);
