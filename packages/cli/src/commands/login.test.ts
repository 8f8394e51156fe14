// Tests of `ml login` and `ml logout`, as processes with a config of their own.
import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ALICE, UNKNOWN_KEY, VALID_KEY } from "../testing/samples.fixture.ts";
import { servedBench } from "../testing/served-bench.fixture.ts";

const here = servedBench();

function configFile(): string {
  return join(here.bench.home, ".ml", "config.toml");
}

/** Runs `ml login` without address and key in the environment. */
function login(words: readonly string[], stdin: string) {
  return here.bench.ml(["login", ...words], { stdin });
}

async function until(isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error("it did not come to pass");
    await Bun.sleep(5);
  }
}

describe("ml login", () => {
  test("checks the key at the server and writes it where only I can read it", async () => {
    const { apiUrl } = here.serve({ "user.whoami": () => ALICE });
    const { code, stdout, stderr } = await login([apiUrl], ` “${VALID_KEY.toUpperCase()}”\n`);
    expect([code, stderr]).toEqual([0, "Saved the key in ~/.ml/config.toml\n"]);
    expect(stdout).toBe(
      `Logged in at ${apiUrl} as alice (member), key kpaz "laptop", never expires\n`,
    );
    expect(statSync(configFile()).mode & 0o777).toBe(0o600);
    expect(readFileSync(configFile(), "utf8")).toContain(`api_key = "${VALID_KEY}"`);
    const after = await here.bench.ml(["whoami"]);
    expect([after.code, after.stdout.startsWith("alice")]).toEqual([0, true]);
  });

  test("does not save a key that the server refuses", async () => {
    const { apiUrl } = here.serve({});
    const { code, stderr } = await login([apiUrl], UNKNOWN_KEY);
    expect([code, stderr]).toEqual([3, "The API key is not valid.\n"]);
    expect(existsSync(configFile())).toBe(false);
  });

  test("saves a key when the server is away, says so and exits 4", async () => {
    const { code, stderr } = await login(["ws://127.0.0.1:1/ws"], VALID_KEY);
    expect(code).toBe(4);
    expect(stderr).toContain("Saved the key in ~/.ml/config.toml");
    expect(stderr).toContain("Cannot reach FetchML at ws://127.0.0.1:1/ws");
    expect(readFileSync(configFile(), "utf8")).toContain(VALID_KEY);
  });

  test("refuses a mistyped key offline and never shows it", async () => {
    here.serve({});
    const wrong = VALID_KEY.replace("xttm", "xttn");
    const { code, stdout, stderr } = await login([here.server.apiUrl], wrong);
    expect(code).toBe(3);
    expect(stderr).toContain("check group 2");
    expect(stdout + stderr).not.toContain("mnfw");
    expect(here.server.calls).toEqual([]);
    expect(existsSync(configFile())).toBe(false);
  });

  test("refuses a key as an argument without repeating it", async () => {
    const { code, stdout, stderr } = await login([VALID_KEY], "");
    expect(code).toBe(2);
    expect(stderr).toContain("A key is never an argument");
    expect(stdout + stderr).not.toContain(VALID_KEY);
  });

  test("sends no key in the clear to another machine", async () => {
    const { code } = await login(["ws://192.0.2.1:9100/ws"], VALID_KEY);
    expect(code).toBe(2);
    expect(existsSync(configFile())).toBe(false);
  });

  for (const [what, line, code] of [
    ["a command that would win over it", 'api_key_command = ["true"]', 5],
    ["a key that cannot be replaced", 'api_key = """\nold"""', 2],
  ] as const) {
    test(`asks for no key and sends none where the config has ${what}`, async () => {
      const { apiUrl } = here.serve({ "user.whoami": () => ALICE });
      mkdirSync(dirname(configFile()), { mode: 0o700 });
      const text = `${line}\napi_url = "${apiUrl}"\n`;
      writeFileSync(configFile(), text, { mode: 0o600 });
      const child = here.bench.start(["login"]);
      expect(await child.exited).toBe(code);
      expect(await child.stderr.text()).toContain("~/.ml/config.toml");
      expect(here.server.calls).toEqual([]);
      expect(readFileSync(configFile(), "utf8")).toBe(text);
    });
  }

  test("says that ML_API_KEY wins over the file", async () => {
    here.serve({ "user.whoami": () => ALICE });
    const { stderr } = await here.ml("login", { stdin: VALID_KEY });
    expect(stderr).toContain("ML_API_KEY is set and wins");
  });
});

describe("while the config's key is being rotated", () => {
  /** The lock of a rotation that goes on in this process. */
  function rotating(): string {
    mkdirSync(dirname(configFile()), { mode: 0o700 });
    const path = `${configFile()}.rotating`;
    writeFileSync(path, String(process.pid));
    return path;
  }

  /** Whether a command is still at it after longer than it takes when nothing holds it up. */
  async function isWaiting(command: Promise<unknown>): Promise<boolean> {
    return (await Promise.race([command, Bun.sleep(500)])) === undefined;
  }

  test("ml login waits, and then writes its own", async () => {
    const { apiUrl } = here.serve({ "user.whoami": () => ALICE });
    const lock = rotating();
    const asking = login([apiUrl], VALID_KEY);
    await until(() => here.server.calls.some(({ method }) => method === "user.whoami"));
    expect(await isWaiting(asking)).toBe(true);
    expect(existsSync(configFile())).toBe(false);
    rmSync(lock);
    expect((await asking).code).toBe(0);
    expect(readFileSync(configFile(), "utf8")).toContain(VALID_KEY);
  });

  test("ml logout waits, and then takes out what the rotation has left", async () => {
    const lock = rotating();
    const text = `api_key = "${VALID_KEY}"\napi_key_before = "${UNKNOWN_KEY}"\n`;
    writeFileSync(configFile(), text, { mode: 0o600 });
    const leaving = here.bench.ml(["logout"]);
    expect(await isWaiting(leaving)).toBe(true);
    expect(readFileSync(configFile(), "utf8")).toBe(text);
    rmSync(lock);
    expect((await leaving).code).toBe(0);
    expect(readFileSync(configFile(), "utf8")).not.toContain("fetchml_");
  });
});

describe("ml logout", () => {
  test("takes the key out of the config and leaves the rest", async () => {
    const { apiUrl } = here.serve({ "user.whoami": () => ALICE });
    await login([apiUrl], VALID_KEY);
    const { code, stdout } = await here.bench.ml(["logout"]);
    expect([code, stdout]).toEqual([0, "Removed the key from ~/.ml/config.toml\n"]);
    expect(readFileSync(configFile(), "utf8")).not.toContain("fetchml_");
    expect(readFileSync(configFile(), "utf8")).toContain(apiUrl);
    expect((await here.bench.ml(["whoami"])).code).toBe(3);
  });

  test("is content when there is no key", async () => {
    const { code, stdout } = await here.bench.ml(["logout"]);
    expect([code, stdout]).toEqual([0, "There is no key in ~/.ml/config.toml\n"]);
  });
});
