// Tests of what `ml doctor` finds about config and key on this machine, and that what it tells to type mends it.
import { describe, expect, test } from "bun:test";
import { chmodSync, statSync } from "node:fs";
import { VALID_KEY } from "../testing/samples.fixture.ts";
import { doctorBench } from "./doctor.fixture.ts";

const at = doctorBench();

describe("the check of the config", () => {
  test("fails without one, and is content where variables say all", async () => {
    expect((await at.doctor()).check("config")).toMatchObject({
      status: "failed",
      fix: "ml login",
    });
    at.serve();
    const env = { ML_API_KEY: VALID_KEY, ML_CONFIG: `${at.here.bench.home}/none` };
    const told = await at.doctor({ env: { ...env, ML_API_URL: at.here.server.apiUrl } });
    expect(told.check("config").status).toBe("ok");
    expect([told.code, told.check("key").facts["source"]]).toEqual([0, "ML_API_KEY"]);
  });

  test("closes a file that others could read, says so, and is content the next time", async () => {
    at.serve();
    chmodSync(at.configFile(), 0o644);
    const { status, message, fix } = (await at.doctor()).check("config");
    expect([status, fix]).toEqual(["warning", "ml key rotate"]);
    expect(message).toContain("mode 0644");
    expect(statSync(at.configFile()).mode & 0o777).toBe(0o600);
    expect((await at.doctor()).check("config").status).toBe("ok");
  });

  test("warns of an open file that was not read, since variables say all", async () => {
    at.serve();
    chmodSync(at.configFile(), 0o640);
    const env = { ML_API_KEY: VALID_KEY, ML_API_URL: at.here.server.apiUrl };
    const { status, fix } = (await at.doctor({ env })).check("config");
    expect(status).toBe("warning");
    await at.type(fix);
    expect((await at.doctor({ env })).check("config").status).toBe("ok");
  });

  test("fails on a file that others can write, with the command that mends it", async () => {
    at.serve();
    chmodSync(at.configFile(), 0o666);
    const told = await at.doctor();
    expect([told.code, told.check("config").status]).toEqual([1, "failed"]);
    expect(told.not_checked).toContain("key");
    await at.type(told.check("config").fix);
    expect((await at.doctor()).code).toBe(0);
  });

  test("fails on wrong TOML with its line, warns of a key that is unknown", async () => {
    at.writeConfig("worker_port = = 1\n");
    const wrong = (await at.doctor()).check("config");
    expect([wrong.status, wrong.fix]).toEqual(["failed", "${EDITOR:-vi} ~/.ml/config.toml"]);
    expect(wrong.message).toContain("line 1");
    at.serve();
    at.writeConfig(`api_key = "${VALID_KEY}"\napi_url = "${at.here.server.apiUrl}"\nport = 1\n`);
    const unknown = (await at.doctor()).check("config");
    expect(unknown.status).toBe("warning");
    expect(unknown.message).toContain("line 3");
  });

  test("fails on an address in a variable that is none", async () => {
    const told = await at.doctor({ env: { ML_API_URL: "ftp://box" } });
    expect(told.check("config")).toMatchObject({ status: "failed", fix: "unset ML_API_URL" });
  });
});

describe("the check of the key", () => {
  const fixes: readonly (readonly [string, string, Record<string, string>, string])[] = [
    ["none at all", "worker_port = 9100\n", {}, "ml login"],
    ["a mistyped one", `api_key = "${VALID_KEY.replace("xttm", "xttn")}"\n`, {}, "ml login"],
    ["a wrong one in a variable", "", { ML_API_KEY: "fetchml_x" }, "unset ML_API_KEY"],
    [
      "one of another server",
      `api_key = "${VALID_KEY}"\n`,
      { ML_API_URL: "ws://127.0.0.1:1/ws" },
      "ml login ws://127.0.0.1:1/ws",
    ],
    [
      "a command that fails",
      'api_key_command = ["false", "secret"]\n',
      {},
      "${EDITOR:-vi} ~/.ml/config.toml",
    ],
  ];
  for (const [what, text, env, fix] of fixes) {
    test(`fails for ${what}, and says what to type`, async () => {
      at.writeConfig(text);
      const told = await at.doctor({ env });
      expect(told.check("key")).toMatchObject({ status: "failed", fix });
      expect(told.check("key").message).not.toContain("secret");
      expect(told.code).toBe(1);
    });
  }

  test("tells a password manager that is locked from other commands", async () => {
    at.writeConfig('api_key_command = ["bw", "get", "password", "x"]\n');
    const told = await at.doctor({ env: { PATH: "/nonexistent" } });
    expect(told.check("key").fix).toBe("bw unlock");
  });
});
