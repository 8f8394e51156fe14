// Tests of changing the config's key in two steps.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { lstatSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import { makeConfigHome, sampleKey, type ConfigHome } from "./config-home.fixture.ts";
import { readConfig } from "./read-config.ts";
import { beginRotation, endRotation } from "./rotate-config.ts";

const [OLD, NEW, OTHER] = [sampleKey(1), sampleKey(2), sampleKey(3)];
const both = { apiKey: NEW, keyBefore: OLD };

let at: ConfigHome;
beforeEach(() => {
  at = makeConfigHome();
});
afterEach(() => at[Symbol.dispose]());

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof FetchmlError ? error.code : "none";
}

describe("beginRotation()", () => {
  test("writes the new key and keeps the old one beside it", async () => {
    at.write(`# mine\r\napi_key = '${OLD}' # old\r\n[table]\r\n`);
    await beginRotation(at.surroundings(), { from: OLD, to: NEW });
    expect(at.read()).toBe(
      `# mine\r\napi_key = "${NEW}" # old\r\napi_key_before = "${OLD}"\r\n[table]\r\n`,
    );
    expect(await readConfig(at.surroundings())).toMatchObject({
      apiKey: NEW,
      keyBefore: OLD,
    });
  });

  test("knows the old key however a chat has dressed it up", async () => {
    at.write(`api_key = "“${OLD.toUpperCase()}”"\n`);
    await beginRotation(at.surroundings(), { from: OLD, to: NEW });
    expect(at.read()).toBe(`api_key = "${NEW}"\napi_key_before = "${OLD}"\n`);
  });

  test("replaces the target of a link", async () => {
    const target = join(at.home, "dotfiles.toml");
    writeFileSync(target, `api_key = "${OLD}"\n`, { mode: 0o600 });
    symlinkSync(target, at.file);
    await beginRotation(at.surroundings(), { from: OLD, to: NEW });
    expect(lstatSync(at.file).isSymbolicLink()).toBeTrue();
    expect(readFileSync(target, "utf8")).toContain(NEW);
  });

  const unfit: Readonly<Record<string, string>> = {
    "another key": `api_key = "${OTHER}"\n`,
    "no key": "worker_port = 9100\n",
    "a rotation under way": `api_key = "${OLD}"\napi_key_before = "${OTHER}"\n`,
  };
  for (const [what, text] of Object.entries(unfit)) {
    test(`changes nothing in a file that holds ${what}`, async () => {
      at.write(text);
      expect(await codeOf(beginRotation(at.surroundings(), { from: OLD, to: NEW }))).toBe(
        "conflict",
      );
      expect(at.read()).toBe(text);
    });
  }

  test("changes nothing where a command gives the key", async () => {
    const text = `api_key = "${OLD}"\napi_key_command = ["true"]\n`;
    at.write(text);
    expect(await codeOf(beginRotation(at.surroundings(), { from: OLD, to: NEW }))).toBe("conflict");
    expect(at.read()).toBe(text);
  });
});

describe("endRotation()", () => {
  for (const [what, keep] of [
    ["the new key", NEW],
    ["the old key", OLD],
  ] as const) {
    test(`keeps ${what} alone`, () => {
      at.write(`# mine\napi_key = "${NEW}" # x\napi_key_before = "${OLD}"\nworker_port = 9300\n`);
      endRotation(at.surroundings(), { ...both, keep });
      expect(at.read()).toBe(`# mine\napi_key = "${keep}" # x\nworker_port = 9300\n`);
    });
  }

  test("leaves what another command has written meanwhile", () => {
    for (const text of [`api_key = "${OTHER}"\n`, `api_key = "${NEW}"\n`, ""]) {
      at.write(text);
      endRotation(at.surroundings(), { ...both, keep: OLD });
      expect(at.read()).toBe(text);
    }
  });
});

describe("readConfig()", () => {
  test("shows neither key of a rotation under way when it is printed", async () => {
    at.write(`api_key = "${NEW}"\napi_key_before = "${OLD}"\n`);
    const config = await readConfig(at.surroundings());
    expect(config.warnings).toEqual([]);
    for (const text of [Bun.inspect(config), JSON.stringify(config)]) {
      for (const key of [OLD, NEW]) expect(text).not.toContain(key.slice(8));
    }
    expect(Bun.inspect({ inside: [config] })).not.toContain(OLD);
  });

  test("passes over a key before that is none", async () => {
    at.write(`api_key = "${NEW}"\napi_key_before = "nonsense"\n`);
    expect((await readConfig(at.surroundings())).keyBefore).toBeNull();
  });
});
