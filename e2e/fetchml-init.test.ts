// `fetchml init`: it says what it does, does it once, and what it leaves is a box that serves.
import { afterEach, beforeEach, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  globSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FETCHML, runToEnd, until, type Ended } from "./box.ts";
import { needsSystem } from "./system-tool.ts";

let folder: string;
let config: string;
let data: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-init-"));
  // Where the server is root, the accounts of its jobs pass through.
  chmodSync(folder, 0o711);
  config = join(folder, "etc/config.toml");
  data = join(folder, "data");
});

afterEach(() => rmSync(folder, { recursive: true }));

const env = () => ({ PATH: "/usr/local/bin:/usr/bin:/bin", HOME: folder, TERM: "dumb" });

function fetchml(...args: readonly string[]): Promise<Ended> {
  return runToEnd([FETCHML, ...args], { cwd: folder, env: env() });
}

/** Nothing outside the test's folder is looked at, and no systemd is asked. */
const init = (...args: readonly string[]) =>
  fetchml("init", "--config", config, "--data-dir", data, "--sandbox", "none", ...args);

/** Everything in the folder but what SQLite writes when it is read. */
function listing(): readonly string[] {
  return globSync("**", { cwd: folder })
    .filter((path) => !/\.db(?:-|$)/.test(path))
    .map((path) => {
      const { mode, mtimeMs, isFile } = statOf(path);
      return isFile ? `${path} ${mode} ${mtimeMs}` : `${path} ${mode}`;
    })
    .toSorted();
}

function statOf(path: string) {
  const stat = lstatSync(join(folder, path));
  return { mode: (stat.mode & 0o777).toString(8), mtimeMs: stat.mtimeMs, isFile: stat.isFile() };
}

async function freePort(): Promise<number> {
  const held = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("") });
  const port = held.port ?? 0;
  await held.stop(true);
  return port;
}

test("init --yes says everything before it does it, and leaves config, data folder and user", async () => {
  const port = await freePort();
  const { code, stdout, stderr } = await init("--yes", "--user", "ada", "--listen", `:${port}`);
  expect([code, stdout]).toEqual([0, ""]);
  const says = [
    `Write the config ${config}`,
    `Make the data folder ${data}, mode 0700`,
    "Add the user ada, with the role admin",
  ];
  const [, plan = "", done = ""] = stderr.split(/This will:|Write the config .* …/);
  for (const each of says) expect(plan).toContain(each);
  for (const each of says.slice(1)) expect(done).toContain(each);
  for (const check of ["gpu", "sandbox", "cgroups", "disk", "clock", "port"]) {
    expect(stderr).toMatch(new RegExp(`^(?:ok|warning|failed) +${check} `, "m"));
  }
  expect(stderr).toContain(`Next, type:\n  fetchml serve --config ${config}`);
  expect(stderr).toContain(`\n  fetchml key issue ada --config ${config}\n`);
  expect([statOf("etc/config.toml").mode, statOf("data").mode]).toEqual(["644", "700"]);
  expect(statOf("data/fetchml.db").mode).toBe("600");
  const text = readFileSync(config, "utf8");
  expect(text).toContain(`data_dir = "${data}"\n`);
  expect(text).toContain("\n# keep_outputs = ");
  const users = await fetchml("user", "list", "--config", config, "--json");
  expect(JSON.parse(users.stdout)).toMatchObject([{ name: "ada", role: "admin" }]);
});

test("init a second time changes nothing and says so, with the server stopped or running", async () => {
  const port = await freePort();
  await init("--yes", "--user", "ada", "--listen", `:${port}`);
  const before = listing();
  const second = await init("--user", "ada");
  expect([second.code, second.stderr]).toEqual([
    0,
    expect.stringContaining("Nothing is left to do, and nothing was changed."),
  ]);
  expect(second.stderr).toContain(`The config ${config} is there.`);
  expect(listing()).toEqual(before);

  const server = Bun.spawn([FETCHML, "serve", "--config", config], {
    env: env(),
    stdio: ["ignore", "ignore", "inherit"],
  });
  try {
    await until(() => existsSync(join(data, "fetchml.sock")), "the server does not start");
    const third = await init("--yes");
    expect([third.code, third.stderr]).toEqual([
      0,
      expect.stringContaining(`FetchML listens on 127.0.0.1:${port}`),
    ]);
    expect(third.stderr).toContain("The user ada is there.");
  } finally {
    server.kill();
    await server.exited;
  }
});

test("init without a terminal and without --yes says what it would do, and does nothing", async () => {
  const { code, stderr } = await init();
  expect([code, stderr]).toEqual([2, expect.stringContaining("fetchml init --yes")]);
  expect(stderr).toContain(`Write the config ${config}`);
  expect(globSync("**", { cwd: folder }).filter((path) => path !== ".")).toEqual([]);
});

needsSystem("python3")("init asks at a terminal, and goes on when told", async () => {
  // A terminal of its own, at which this answers the one question.
  const script = `
import os, pty, sys
answer, argv = sys.argv[1], sys.argv[2:]
sent = False
def read(fd):
    global sent
    data = os.read(fd, 4096)
    if b"Go on?" in data and not sent:
        sent = True
        os.write(fd, (answer + "\\n").encode())
    return data
sys.exit(os.waitstatus_to_exitcode(pty.spawn(argv, read)))`;
  const places = ["--config", config, "--data-dir", data, "--sandbox", "none"];
  const ask = (answer: string) =>
    runToEnd(["python3", "-c", script, answer, FETCHML, "init", "--user", "ada", ...places], {
      cwd: folder,
      env: env(),
    });
  const refused = await ask("n");
  expect([refused.code, refused.stdout]).toEqual([
    130,
    expect.stringContaining("Nothing was done"),
  ]);
  expect(existsSync(config)).toBe(false);
  const agreed = await ask("y");
  expect([agreed.code, agreed.stdout]).toEqual([0, expect.stringContaining("Next, type")]);
  expect(existsSync(config)).toBe(true);
});

test("init keeps what is there: a config, an open folder's contents, other users", async () => {
  mkdirSync(join(folder, "etc"));
  const listen = `listen = "127.0.0.1:${await freePort()}"`;
  writeFileSync(config, `data_dir = "${data}"\n${listen}\nsandbox = "none"\n`);
  const before = readFileSync(config, "utf8");
  mkdirSync(data, { mode: 0o755 });
  writeFileSync(join(data, "note"), "kept");
  expect((await init("--yes", "--user", "ada")).code).toBe(0);
  expect(readFileSync(config, "utf8")).toBe(before);
  expect([statOf("data").mode, readFileSync(join(data, "note"), "utf8")]).toEqual(["700", "kept"]);
  const more = await init("--yes", "--user", "ben");
  expect([more.code, more.stderr]).toEqual([0, expect.stringContaining("Add the user ben")]);
  // Who types no name is told a command that works.
  const third = await init("--yes");
  expect(third.stderr).toMatch(/Next, type:[^]*fetchml key issue (?:ada|ben) /);
});

test("init does not say that it does what a config that is there says otherwise", async () => {
  mkdirSync(join(folder, "etc"));
  const mine = `data_dir = "${data}"\nsandbox = "none"\n`;
  writeFileSync(config, mine);
  for (const [option, value, told] of [
    ["--data-dir", join(folder, "elsewhere"), `Write data_dir = "${folder}/elsewhere" into it`],
    ["--listen", "127.0.0.1:9199", 'Write listen = "127.0.0.1:9199" into it'],
    ["--sandbox", "auto", 'Write sandbox = "auto" into it'],
  ] as const) {
    const { code, stderr } = await fetchml("init", "--yes", "--config", config, option, value);
    expect([code, stderr]).toEqual([5, expect.stringContaining(told)]);
  }
  expect(readFileSync(config, "utf8")).toBe(mine);
  expect(existsSync(data)).toBe(false);
});

test("init makes its files for those who need them, whatever the umask", async () => {
  for (const umask of ["000", "077"]) {
    const places = [
      "--config",
      `${folder}/u${umask}/etc/config.toml`,
      "--data-dir",
      `${folder}/u${umask}d`,
    ];
    const line = `umask ${umask} && exec "$@"`;
    const typed = [
      "sh",
      "-c",
      line,
      "sh",
      FETCHML,
      "init",
      "--yes",
      "--sandbox",
      "none",
      ...places,
    ];
    expect((await runToEnd(typed, { cwd: folder, env: env() })).code).toBe(0);
    expect(statOf(`u${umask}/etc/config.toml`).mode).toBe("644");
    // Root's config is read by the account of the service; anybody else's folders are as the umask wants them.
    const isOpen = umask === "000" || process.geteuid?.() === 0;
    for (const made of [`u${umask}`, `u${umask}/etc`]) {
      expect(statOf(made).mode).toBe(isOpen ? "755" : "700");
    }
    expect([statOf(`u${umask}d`).mode, statOf(`u${umask}d/fetchml.db`).mode]).toEqual([
      "700",
      "600",
    ]);
  }
});

test("init ends with 1 where a check failed, and has done what could be done", async () => {
  const stranger = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("") });
  const port = stranger.port ?? 0;
  const { code, stderr } = await init("--yes", "--listen", `:${port}`);
  await stranger.stop(true);
  expect(code).toBe(1);
  expect(stderr).toContain(`failed   port     something else listens on 127.0.0.1:${port}`);
  expect(stderr).toContain(
    '1 of the checks above failed: mend that first, and type "fetchml init"',
  );
  expect(existsSync(config)).toBe(true);
});

test("init refuses a name that no user may have, before anything else", async () => {
  const { code, stderr } = await init("--yes", "--user", "Ada Lovelace");
  expect([code, stderr]).toEqual([2, expect.stringContaining("is not a user's name")]);
  expect(existsSync(config)).toBe(false);
});
