// Tests of `ml key rotate`: whatever fails or dies on the way, a good key is in the config, and no good one is nowhere.
import { beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import { makeKeyServer, type KeyServer } from "../testing/key-server.fixture.ts";
import { VALID_KEY } from "../testing/samples.fixture.ts";
import { servedBench } from "../testing/served-bench.fixture.ts";

const here = servedBench();
let keys: KeyServer;

beforeEach(() => {
  keys = makeKeyServer();
  here.serve(keys.options);
  mkdirSync(join(here.bench.home, ".ml"), { mode: 0o700 });
  writeConfig(`# mine\napi_key = "${VALID_KEY}" # from the admin\n`);
});

function configFile(): string {
  return join(here.bench.home, ".ml", "config.toml");
}

function writeConfig(keyLines: string): void {
  writeFileSync(configFile(), `${keyLines}api_url = "${here.server.apiUrl}"\n`, { mode: 0o600 });
}

function config(): string {
  return readFileSync(configFile(), "utf8");
}

/** The key that the config names. */
function heldKey(): string {
  return /^api_key = "(\w+)"/m.exec(config())?.[1] ?? "none";
}

function ml(line: string, env: Readonly<Record<string, string>> = {}) {
  return here.bench.ml(line.split(" "), { env });
}

describe("ml key rotate", () => {
  test("puts the new key into the config, uses it once, and shows neither key", async () => {
    const { code, stdout, stderr } = await ml("key rotate");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toBe(
      "Your new key newk is in ~/.ml/config.toml and never expires. The old one, kpaz, works for another 1d.\n",
    );
    expect(heldKey()).not.toBe(VALID_KEY);
    expect([...keys.good]).toEqual([VALID_KEY, heldKey()]);
    expect(config()).toBe(
      `# mine\napi_key = "${heldKey()}" # from the admin\napi_url = "${here.server.apiUrl}"\n`,
    );
    expect(statSync(configFile()).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(here.bench.home, ".ml"))).toEqual(["config.toml"]);
    expect((await ml("whoami")).code).toBe(0);
  });

  test("--json tells all but the key", async () => {
    const { stdout } = await ml("key rotate --json");
    expect(JSON.parse(stdout)).toEqual({
      id: "newk",
      expires_at: null,
      old_id: "kpaz",
      grace_ms: 86_400_000,
    });
  });

  test("leaves the old key in the config when the answer is lost", async () => {
    keys.onRotate = () => here.server.cut();
    const { code } = await ml("key rotate");
    expect(code).toBe(4);
    expect(heldKey()).toBe(VALID_KEY);
    expect([...keys.good]).toEqual([VALID_KEY]);
    expect((await ml("whoami")).code).toBe(0);
  });

  test("leaves the old file when the new one cannot be written, and the new key unused", async () => {
    // Not the mode of the folder: root writes all the same. A file that ml cannot edit fails for everybody.
    writeConfig(`api_key = """\n${VALID_KEY}"""\n`);
    const before = config();
    const { code, stderr } = await ml("key rotate");
    expect(code).toBe(2);
    expect(stderr).toContain("Your key kpaz stays as it is");
    expect(config()).toBe(before);
    expect([...keys.good]).toEqual([VALID_KEY]);
    expect(stderr).not.toContain(keys.pending ?? "?");
    expect((await ml("whoami")).code).toBe(0);
  });

  test.skipIf(process.getuid?.() === 0)("leaves the old file in a read-only folder", async () => {
    chmodSync(join(here.bench.home, ".ml"), 0o500);
    const { code, stderr } = await ml("key rotate");
    chmodSync(join(here.bench.home, ".ml"), 0o700);
    expect([code, stderr.includes("EACCES")]).toEqual([2, true]);
    expect(heldKey()).toBe(VALID_KEY);
  });

  test.skipIf(process.platform !== "linux")(
    "leaves the old file when the disk is full",
    async () => {
      writeConfig(`api_key = "${VALID_KEY}"\n${"# a long comment\n".repeat(300)}`);
      const before = config();
      // 2 KiB for each file that is written.
      const script = `ulimit -f 4; trap "" XFSZ; exec "$@"`;
      const main = join(import.meta.dir, "..", "main.ts");
      const words = [process.execPath, main, "key", "rotate"];
      const child = Bun.spawn(["sh", "-c", script, "sh", ...words], {
        env: { PATH: process.env["PATH"] ?? "", HOME: here.bench.home },
        stdout: "pipe",
        stderr: "pipe",
      });
      expect([await child.stderr.text(), await child.exited]).toEqual([
        expect.stringContaining("Your key kpaz stays as it is"),
        2,
      ]);
      expect(config()).toBe(before);
      expect(readdirSync(join(here.bench.home, ".ml"))).toEqual(["config.toml"]);
      expect([...keys.good]).toEqual([VALID_KEY]);
    },
  );

  test("leaves the old key when it is killed before it has the answer", async () => {
    const killed = Promise.withResolvers<void>();
    const child = here.bench.start(["key", "rotate"]);
    keys.onRotate = () => {
      child.kill("SIGKILL");
      killed.resolve();
    };
    await killed.promise;
    await child.exited;
    expect(heldKey()).toBe(VALID_KEY);
    expect([...keys.good]).toEqual([VALID_KEY]);
  });
});

describe("a rotation that was cut off after the write", () => {
  /** As a kill between the write and the first use leaves it. */
  async function cutOff(): Promise<string> {
    const { stdout } = await ml("key rotate --print");
    const made = stdout.trim();
    writeConfig(`api_key = "${made}"\napi_key_before = "${VALID_KEY}"\n`);
    return made;
  }

  test("is brought to its end by the next command", async () => {
    const made = await cutOff();
    const { code, stderr } = await ml("whoami");
    expect([code, stderr]).toEqual([0, ""]);
    expect(config()).toBe(`api_key = "${made}"\napi_url = "${here.server.apiUrl}"\n`);
    expect(keys.good.has(made)).toBe(true);
  });

  test("puts the old key back when the new one has ended meanwhile", async () => {
    await cutOff();
    keys.dropPending();
    expect((await ml("whoami")).code).toBe(0);
    expect(config()).toBe(`api_key = "${VALID_KEY}"\napi_url = "${here.server.apiUrl}"\n`);
  });

  test("works on with the old key while the server cannot take the new one", async () => {
    const made = await cutOff();
    for (const code of ["disk-full", "key-invalid", "too-many-failures"] as const) {
      keys.trouble = new FetchmlError(code, "Not now.");
      expect((await ml("whoami")).code).toBe(0);
      expect(config()).toContain(`api_key_before = "${VALID_KEY}"`);
    }
    const second = await ml("key rotate");
    expect(second).toMatchObject({ code: 5, stderr: expect.stringContaining("earlier rotation") });
    expect(keys.pending).toBe(made);
    keys.trouble = null;
    expect((await ml("key rotate")).code).toBe(0);
    expect(config()).not.toContain("api_key_before");
    expect(keys.good.has(heldKey())).toBe(true);
  });

  for (const [what, outage] of [
    ["the user is disabled", new FetchmlError("key-invalid", "The API key was not accepted.")],
    ["the limit of failures is reached", new FetchmlError("too-many-failures", "Wait.")],
  ] as const) {
    test(`keeps the only copy of the new key while ${what}, and it alone after that`, async () => {
      const made = await cutOff();
      // Its first use has counted, and only the answer was lost.
      expect((await ml("whoami", { ML_API_KEY: made })).code).toBe(0);
      const before = config();
      keys.outage = outage;
      for (const command of ["status", "whoami", "key rotate"]) {
        expect(await ml(command)).toMatchObject({ code: 3, stdout: "" });
        expect(config()).toBe(before);
      }
      keys.outage = null;
      expect((await ml("whoami")).code).toBe(0);
      expect(config()).toBe(`api_key = "${made}"\napi_url = "${here.server.apiUrl}"\n`);
    });
  }

  test("keeps both keys where the old one is dead too", async () => {
    const made = await cutOff();
    keys.dropPending();
    keys.revoke(VALID_KEY);
    const before = config();
    const { code, stderr } = await ml("whoami");
    expect([code, stderr]).toEqual([3, "The API key was revoked.\n"]);
    expect(config()).toBe(before);
    expect(before).toContain(made);
  });

  test("keeps both keys while the server is away", async () => {
    await cutOff();
    const before = config();
    await here.server.close();
    expect((await ml("whoami")).code).toBe(4);
    expect(config()).toBe(before);
  });

  test("is over after a login or a logout", async () => {
    await cutOff();
    await here.bench.ml(["login"], { stdin: VALID_KEY });
    expect(config()).toBe(`api_key = "${VALID_KEY}"\napi_url = "${here.server.apiUrl}"\n`);
    await cutOff();
    await ml("logout");
    expect(config()).not.toContain("fetchml_");
  });
});

describe("ml key rotate against others", () => {
  test("refuses while another one is under way, and takes over from one that died", async () => {
    const lock = `${configFile()}.rotating`;
    writeFileSync(lock, String(process.pid));
    const { code, stderr } = await ml("key rotate");
    expect([code, stderr.includes("another rotation")]).toEqual([5, true]);
    expect(keys.pending).toBeNull();
    expect((await ml("key rotate --print")).code).toBe(0);
    const dead = Bun.spawn(["true"]);
    await dead.exited;
    writeFileSync(lock, String(dead.pid));
    expect((await ml("key rotate")).code).toBe(0);
    expect(readdirSync(join(here.bench.home, ".ml"))).toEqual(["config.toml"]);
  });

  test("leaves a config alone while its rotation is under way, and works with the old key", async () => {
    const made = (await ml("key rotate --print")).stdout.trim();
    writeConfig(`api_key = "${made}"\napi_key_before = "${VALID_KEY}"\n`);
    const before = config();
    writeFileSync(`${configFile()}.rotating`, String(process.pid));
    expect((await ml("whoami")).code).toBe(0);
    expect(config()).toBe(before);
    expect(keys.pending).toBe(made);
  });

  test("puts the old key back when another rotation came in between", async () => {
    // The other machine's rotation ends the pending key before this one is used.
    keys.onRotate = () => void Promise.resolve().then(() => keys.dropPending());
    const { code, stderr } = await ml("key rotate");
    expect(code).toBe(5);
    expect(stderr).toContain("another rotation");
    expect(heldKey()).toBe(VALID_KEY);
    expect(config()).not.toContain("api_key_before");
  });

  test("ten at once leave a good key in the config", async () => {
    await Promise.all(Array.from({ length: 10 }, () => ml("key rotate")));
    expect((await ml("whoami")).code).toBe(0);
    expect(keys.good.has(heldKey())).toBe(true);
    expect(config()).not.toContain("api_key_before");
  }, 30_000);
});

describe("ml key rotate with a key that is not in the config", () => {
  test("refuses with exit 5 and says how, for ML_API_KEY and api_key_command", async () => {
    const variable = await ml("key rotate", { ML_API_KEY: VALID_KEY });
    expect(variable.code).toBe(5);
    expect(variable.stderr).toContain("ML_API_KEY");
    expect(variable.stderr).toContain("ml key rotate --print");
    writeConfig(`api_key_command = ["echo", "${VALID_KEY}"]\n`);
    const command = await ml("key rotate");
    expect(command.code).toBe(5);
    expect(command.stderr).toContain("api_key_command in ~/.ml/config.toml");
    expect(here.paramsOf("own-key.rotate")).toEqual([]);
  });

  test("--print prints the new key alone, leaves it unused and the config as it is", async () => {
    const before = config();
    for (const env of [{}, { ML_API_KEY: VALID_KEY }]) {
      const { code, stdout, stderr } = await ml("key rotate --print", env);
      expect([code, stdout]).toEqual([0, `${keys.pending}\n`]);
      expect(stderr).toContain('Store it within the hour, then type "ml status"');
      expect(stderr).not.toContain(stdout.trim());
      expect(config()).toBe(before);
      expect([...keys.good]).toEqual([VALID_KEY]);
    }
  });
});
