// Tests of writing the config: the rest of the file stays, and a failure changes nothing.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import { makeConfigHome, sampleKey, type ConfigHome } from "./config-home.fixture.ts";
import { readConfig } from "./read-config.ts";
import { removeKey, writeConfig } from "./write-config.ts";

let at: ConfigHome;
beforeEach(() => {
  at = makeConfigHome();
});
afterEach(() => at[Symbol.dispose]());

describe("writeConfig()", () => {
  test("makes folder and file, private, and the file can be read", async () => {
    rmSync(at.folder, { recursive: true });
    const written = writeConfig(at.surroundings(), {
      apiKey: sampleKey(),
      apiUrl: "wss://box.example/ws",
    });
    expect(written).toEqual({ configPath: at.file, notes: [] });
    expect([at.modeOf(at.folder), at.modeOf(at.file)]).toEqual([0o700, 0o600]);
    expect(await readConfig(at.surroundings())).toMatchObject({
      apiKey: sampleKey(),
      apiUrl: "wss://box.example/ws",
    });
  });

  test("changes its own lines only", () => {
    at.write(
      `# my box\napi_key = "old"   # from the admin\nworker_host = "localhost"\nmine = 1\n\n[table]\napi_key = "not this"\n`,
    );
    writeConfig(at.surroundings(), { apiKey: sampleKey(), apiUrl: "ws://localhost:9300/ws" });
    expect(at.read()).toBe(
      `# my box\napi_key = "${sampleKey()}"   # from the admin\nworker_host = "localhost"\nmine = 1\n` +
        `api_url = "ws://localhost:9300/ws"\n\n[table]\napi_key = "not this"\n`,
    );
  });

  test("does not write an address that the file gives already", () => {
    at.write("worker_port = 9300\n");
    writeConfig(at.surroundings(), { apiKey: sampleKey(), apiUrl: "ws://localhost:9300/ws" });
    expect(at.read()).toBe(`worker_port = 9300\napi_key = "${sampleKey()}"\n`);
    writeConfig(at.surroundings(), { apiKey: sampleKey(2) });
    expect(at.read()).toBe(`worker_port = 9300\napi_key = "${sampleKey(2)}"\n`);
  });

  test("replaces the target of a link and leaves the link", () => {
    const target = join(at.home, "dotfiles.toml");
    writeFileSync(target, "worker_port = 9300\n", { mode: 0o600 });
    symlinkSync(target, at.file);
    writeConfig(at.surroundings(), { apiKey: sampleKey() });
    expect(lstatSync(at.file).isSymbolicLink()).toBeTrue();
    expect(readFileSync(target, "utf8")).toContain(sampleKey());
  });

  test("refuses a file whose command would win over the key", () => {
    at.write('api_key_command = ["true"]\n');
    const error = failureOf(() => writeConfig(at.surroundings(), { apiKey: sampleKey() }));
    expect(error.code).toBe("conflict");
    expect(at.read()).toBe('api_key_command = ["true"]\n');
  });

  for (const text of ['api_key = """\nold"""\n', '"api\\u005fkey" = "old"\n', "api_key = [\n"]) {
    test(`changes nothing in ${JSON.stringify(text)}, which it cannot edit line by line`, () => {
      at.write(text);
      const error = failureOf(() => writeConfig(at.surroundings(), { apiKey: sampleKey() }));
      expect(error.code).toBe("bad-file");
      expect(at.read()).toBe(text);
    });
  }

  test("leaves the old file and nothing beside it when it cannot write", () => {
    at.write("worker_port = 9300\n");
    // A rename onto a folder fails whoever asks for it, root too.
    const error = failureOf(() => {
      rmSync(at.file);
      mkdirSync(at.file);
      writeConfig(at.surroundings(), { apiKey: sampleKey() });
    });
    expect(error.code).toBe("bad-file");
    expect(readdirSync(at.folder)).toEqual(["config.toml"]);
  });
});

describe("a write that is killed", () => {
  test("leaves all of the old file or all of the new one", async () => {
    const [one, two] = [sampleKey(1), sampleKey(2)];
    at.write(`api_key = "${one}"\n${"# a long comment\n".repeat(5000)}`);
    const script = `
      import { writeConfig } from ${JSON.stringify(join(import.meta.dir, "write-config.ts"))};
      process.stdout.write("ready");
      for (;;) for (const apiKey of ${JSON.stringify([one, two])})
        writeConfig({ env: {}, home: ${JSON.stringify(at.home)} }, { apiKey });`;
    for (let round = 0; round < 10; round++) {
      const child = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe" });
      await child.stdout.getReader().read();
      await Bun.sleep(round);
      child.kill("SIGKILL");
      await child.exited;
      const { apiKey } = await readConfig(at.surroundings());
      expect([one, two]).toContain(apiKey);
      expect(at.read()).toEndWith("# a long comment\n");
      expect(at.modeOf(at.file)).toBe(0o600);
    }
  });

  test("has what it left removed by a later one, and nothing else", () => {
    const left = `config.toml.${crypto.randomUUID()}.tmp`;
    const recent = `config.toml.${crypto.randomUUID()}.tmp`;
    for (const name of [left, recent, "config.toml.bak", "notes.tmp"]) {
      writeFileSync(join(at.folder, name), "x");
      const hours = name === recent ? 0 : 2;
      const then = new Date(Date.now() - hours * 3_600_000);
      utimesSync(join(at.folder, name), then, then);
    }
    writeConfig(at.surroundings(), { apiKey: sampleKey() });
    expect(readdirSync(at.folder).toSorted()).toEqual(
      [recent, "config.toml", "config.toml.bak", "notes.tmp"].toSorted(),
    );
  });
});

describe("removeKey()", () => {
  test("takes the key out and nothing else", () => {
    at.write(`# my box\r\napi_key = "${sampleKey()}"\r\nworker_port = 9300\r\n`);
    expect(removeKey(at.surroundings())).toEqual({
      configPath: at.file,
      removed: true,
      hasCommand: false,
    });
    expect(at.read()).toBe("# my box\r\nworker_port = 9300\r\n");
    expect(removeKey(at.surroundings()).removed).toBeFalse();
  });

  test("says that a command still gives a key", () => {
    at.write('api_key_command = ["true"]\n');
    expect(removeKey(at.surroundings())).toMatchObject({ removed: false, hasCommand: true });
  });

  test("makes no file where there is none", () => {
    expect(removeKey(at.surroundings()).removed).toBeFalse();
    expect(readdirSync(at.folder)).toEqual([]);
  });
});

function failureOf(work: () => unknown): FetchmlError {
  try {
    work();
  } catch (error) {
    if (error instanceof FetchmlError) return error;
    throw error;
  }
  throw new Error("it did not fail");
}
