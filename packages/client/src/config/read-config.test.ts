// Tests of which server and which key a command gets.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import { makeConfigHome, sampleKey, type ConfigHome } from "./config-home.fixture.ts";
import { readConfig, readServerConfig } from "./read-config.ts";

let at: ConfigHome;
beforeEach(() => {
  at = makeConfigHome();
});
afterEach(() => at[Symbol.dispose]());

describe("readConfig()", () => {
  test("reads the founding document's file as an editor leaves it, and makes it private", async () => {
    at.write(
      `api_key = "${sampleKey()}"\nworker_host = "localhost"\nworker_port = 9100\napi_url = "ws://localhost:9100/ws"\n`,
      0o644,
    );
    chmodSync(at.folder, 0o755);
    const config = await readConfig(at.surroundings());
    expect({ ...config, notes: [] }).toEqual({
      apiUrl: "ws://localhost:9100/ws",
      httpUrl: "http://localhost:9100",
      apiKey: sampleKey(),
      keySource: "config",
      keyBefore: null,
      workerHost: "localhost",
      ca: null,
      configPath: at.file,
      warnings: [],
      notes: [],
    });
    expect(config.notes).toEqual([
      "Others could look into ~/.ml; its mode is now 0700.",
      "Others could read ~/.ml/config.toml (mode 0644); its mode is now 0600.",
    ]);
    expect([at.modeOf(at.file), at.modeOf(at.folder)]).toEqual([0o600, 0o700]);
    expect((await readConfig(at.surroundings())).notes).toEqual([]);
  });

  test("takes what a chat did to the key", async () => {
    const body = sampleKey().slice("fetchml_".length).toUpperCase();
    at.write(`api_key = "“fetchml_${body.replace(/(.{4})/g, "$1 ")}”"`);
    expect((await readConfig(at.surroundings())).apiKey).toBe(sampleKey());
  });

  test("says what is wrong with a key and where, without the key", async () => {
    const wrong = `${sampleKey().slice(0, -1)}${sampleKey().endsWith("0") ? "1" : "0"}`;
    at.write(`\napi_key = "${wrong}"`);
    const error = await failureOf();
    expect(error.code).toBe("key-malformed");
    expect(error.message).toContain("api_key in ~/.ml/config.toml, line 2");
    expect(error.message).toContain("check group 9");
    expect(error.message).not.toContain(wrong.slice(12, 30));
    expect(error.message.split("\n").length).toBeLessThanOrEqual(3);
  });

  test("prefers ML_API_KEY, then the command, then the key of the file", async () => {
    const [one, two, three] = [sampleKey(1), sampleKey(2), sampleKey(3)];
    const path = { PATH: process.env["PATH"] ?? "" };
    at.write(`api_key = "${one}"\napi_key_command = ["echo", "${two}"]`);
    expect(await readConfig(at.surroundings({ ...path, ML_API_KEY: three }))).toMatchObject({
      apiKey: three,
      keySource: "ML_API_KEY",
    });
    expect(await readConfig(at.surroundings({ ...path, ML_API_KEY: "" }))).toMatchObject({
      apiKey: two,
      keySource: "api_key_command",
    });
    at.write(`api_key = "${one}"`);
    expect(await readConfig(at.surroundings())).toMatchObject({ apiKey: one, keySource: "config" });
  });

  test("prefers the flag, then ML_API_URL, then the file", async () => {
    at.write('api_url = "ws://localhost:1/ws"');
    const env = { ML_API_KEY: sampleKey(), ML_API_URL: "ws://localhost:2/ws" };
    const urlOf = async (...from: Parameters<ConfigHome["surroundings"]>) =>
      (await readConfig(at.surroundings(...from))).apiUrl;
    expect(await urlOf(env, { apiUrl: "ws://localhost:3/ws" })).toBe("ws://localhost:3/ws");
    expect(await urlOf(env)).toBe("ws://localhost:2/ws");
    expect(await urlOf({ ML_API_KEY: sampleKey() })).toBe("ws://localhost:1/ws");
  });

  test("needs no file when the variables say all, not even a sound one", async () => {
    at.write("this is not TOML");
    const env = { ML_API_KEY: sampleKey(), ML_API_URL: "wss://box.example/ws" };
    expect((await readConfig(at.surroundings(env))).apiUrl).toBe("wss://box.example/ws");
  });

  test("sends a key of the file only to the server of the file", async () => {
    at.write(`api_key = "${sampleKey()}"\napi_url = "wss://box.example/ws"`);
    const elsewhere = { ML_API_URL: "wss://evil.example/ws" };
    const error = await failureOf(elsewhere);
    expect(error.code).toBe("key-missing");
    expect(error.message).toContain("ML_API_KEY");
    expect(error.message).toContain("it belongs to wss://box.example");
    for (const url of ["wss://box.example:8443/ws", "ws://localhost/ws"]) {
      expect((await failureOf({ ML_API_URL: url })).code).toBe("key-missing");
    }
    const sameServer = { ML_API_URL: "https://box.example:443" };
    expect((await readConfig(at.surroundings(sameServer))).keySource).toBe("config");
    const own = { ...elsewhere, ML_API_KEY: sampleKey(2) };
    expect((await readConfig(at.surroundings(own))).apiKey).toBe(sampleKey(2));
  });

  test("does not run the command for another server", async () => {
    const trace = join(at.home, "was-run");
    at.write(`api_key_command = ["touch", "${trace}"]`);
    await failureOf({ PATH: process.env["PATH"] ?? "", ML_API_URL: "wss://evil.example/ws" });
    expect(await Bun.file(trace).exists()).toBeFalse();
  });

  test("sends no key over ws:// to another machine unless told that this is fine", async () => {
    at.write(`api_key = "${sampleKey()}"\nworker_host = "box.lan"`);
    const error = await failureOf();
    expect(error.message).toContain("without TLS everybody on the way can read it");
    expect(error.message).toContain("ML_ALLOW_PLAINTEXT_KEY=1");
    expect(error.message.split("\n").length).toBeLessThanOrEqual(3);
    expect((await failureOf({ ML_API_KEY: sampleKey() })).code).toBe(error.code);
    expect((await failureOf({ ML_ALLOW_PLAINTEXT_KEY: "0" })).code).toBe(error.code);
    const allowed = at.surroundings({ ML_ALLOW_PLAINTEXT_KEY: "1" });
    expect((await readConfig(allowed)).apiUrl).toBe("ws://box.lan:9100/ws");
  });

  test("says that there is no key, and what to do", async () => {
    expect((await failureOf()).message).toContain("there is no ~/.ml/config.toml");
    at.write('api_key = ""');
    const error = await failureOf();
    expect(error.code).toBe("key-missing");
    expect(error.message).toContain("~/.ml/config.toml has no api_key");
    expect(error.message).toContain("ml login");
  });

  test("reads another file when ML_CONFIG or the flag names it, and leaves its folder alone", async () => {
    const folder = join(at.home, "elsewhere");
    const file = join(folder, "mine.toml");
    mkdirSync(folder);
    chmodSync(folder, 0o755);
    writeFileSync(file, `api_key = "${sampleKey(5)}"`);
    const expected = { apiKey: sampleKey(5), configPath: file };
    expect(await readConfig(at.surroundings({ ML_CONFIG: file }))).toMatchObject(expected);
    expect(await readConfig(at.surroundings({}, { config: file }))).toMatchObject(expected);
    expect([at.modeOf(folder), at.modeOf(file)]).toEqual([0o755, 0o600]);
  });

  test("names UTF-16, and takes a byte order mark", async () => {
    at.write(Buffer.from(`\ufeffapi_key = "${sampleKey()}"`, "utf16le"));
    expect((await failureOf()).message).toContain("it is UTF-16 text: save it again as UTF-8");
    at.write(`\ufeffapi_key = "${sampleKey()}"\r\n`);
    expect((await readConfig(at.surroundings())).apiKey).toBe(sampleKey());
  });

  test("refuses a wrong address in a flag or variable by its name", async () => {
    expect(await failureOf({ ML_API_URL: "ftp://x" })).toMatchObject({
      code: "usage",
      message: "ML_API_URL must begin with ws:// or wss://.",
    });
  });

  test("gives a config that prints without the key", async () => {
    at.write(`api_key = "${sampleKey()}"`);
    const config = await readConfig(at.surroundings());
    expect(Bun.inspect(config)).not.toContain(sampleKey());
    expect(JSON.stringify({ config })).not.toContain(sampleKey());
    expect(config.apiKey).toBe(sampleKey());
  });
});

describe("readServerConfig()", () => {
  test("tells the server without a key", () => {
    expect(readServerConfig(at.surroundings())).toMatchObject({
      apiUrl: "ws://localhost:9100/ws",
      configPath: at.file,
    });
    at.write('worker_port = 9200\nother = "x"');
    const config = readServerConfig(at.surroundings());
    expect(config.httpUrl).toBe("http://localhost:9200");
    expect(config.warnings).toHaveLength(1);
  });
});

async function failureOf(env: Record<string, string> = {}): Promise<FetchmlError> {
  const work = readConfig(at.surroundings(env));
  const error: unknown = await work.catch((cause: unknown) => cause);
  if (error instanceof FetchmlError) return error;
  throw new Error(`not a FetchmlError: ${String(error)}`);
}
