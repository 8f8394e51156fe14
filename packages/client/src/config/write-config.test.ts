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
import { checkConfigTakesKey, removeKey, writeConfig } from "./write-config.ts";

let at: ConfigHome;
beforeEach(() => {
  at = makeConfigHome();
});
afterEach(() => at[Symbol.dispose]());

describe("writeConfig()", () => {
  test("makes folder and file, private, and the file can be read", async () => {
    rmSync(at.folder, { recursive: true });
    const written = await writeConfig(at.surroundings(), {
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

  test("changes its own lines only", async () => {
    at.write(
      `# my box\napi_key = "old"   # from the admin\nworker_host = "localhost"\nmine = 1\n\n[table]\napi_key = "not this"\n`,
    );
    await writeConfig(at.surroundings(), { apiKey: sampleKey(), apiUrl: "ws://localhost:9300/ws" });
    expect(at.read()).toBe(
      `# my box\napi_key = "${sampleKey()}"   # from the admin\nworker_host = "localhost"\nmine = 1\n` +
        `api_url = "ws://localhost:9300/ws"\n\n[table]\napi_key = "not this"\n`,
    );
  });

  test("does not write an address that the file gives already", async () => {
    at.write("worker_port = 9300\n");
    await writeConfig(at.surroundings(), { apiKey: sampleKey(), apiUrl: "ws://localhost:9300/ws" });
    expect(at.read()).toBe(`worker_port = 9300\napi_key = "${sampleKey()}"\n`);
    await writeConfig(at.surroundings(), { apiKey: sampleKey(2) });
    expect(at.read()).toBe(`worker_port = 9300\napi_key = "${sampleKey(2)}"\n`);
  });

  test("replaces the target of a link and leaves the link", async () => {
    const target = join(at.home, "dotfiles.toml");
    writeFileSync(target, "worker_port = 9300\n", { mode: 0o600 });
    symlinkSync(target, at.file);
    await writeConfig(at.surroundings(), { apiKey: sampleKey() });
    expect(lstatSync(at.file).isSymbolicLink()).toBeTrue();
    expect(readFileSync(target, "utf8")).toContain(sampleKey());
  });

  test("keeps a byte order mark and lines that end in two ways", async () => {
    const text = (key: string) => `\ufeff# mine\r\napi_key = "${key}"\nworker_port = 9300\r\n`;
    at.write(text("old"));
    await writeConfig(at.surroundings(), { apiKey: sampleKey() });
    expect(at.read()).toBe(text(sampleKey()));
    await removeKey(at.surroundings());
    expect(at.read()).toBe("\ufeff# mine\r\nworker_port = 9300\r\n");
  });

  test("finds its place behind a list of lists, and in front of the first table", async () => {
    at.write('mine = [\n  ["a"],\n  ["b"]\n]\n[table]\n');
    await writeConfig(at.surroundings(), { apiKey: sampleKey() });
    expect(at.read()).toBe(`mine = [\n  ["a"],\n  ["b"]\n]\napi_key = "${sampleKey()}"\n[table]\n`);
  });

  for (const text of ['mine = """\napi_key = "x"\n"""\n', '"api\\u005fkey" = "old"\n']) {
    test(`says of ${JSON.stringify(text)} that it cannot change it, and not that it cannot read it`, async () => {
      at.write(text);
      const { message } = await failureOf(() =>
        writeConfig(at.surroundings(), { apiKey: sampleKey() }),
      );
      expect(message).toStartWith("Cannot change ~/.ml/config.toml");
      expect(at.read()).toBe(text);
    });
  }

  test("refuses a file whose command would win over the key", async () => {
    at.write('api_key_command = ["true"]\n');
    const error = await failureOf(() => writeConfig(at.surroundings(), { apiKey: sampleKey() }));
    expect(error.code).toBe("conflict");
    expect(at.read()).toBe('api_key_command = ["true"]\n');
  });

  for (const text of ['api_key = """\nold"""\n', "api_key = [\n"]) {
    test(`changes nothing in ${JSON.stringify(text)}, which it cannot edit line by line`, async () => {
      at.write(text);
      const error = await failureOf(() => writeConfig(at.surroundings(), { apiKey: sampleKey() }));
      expect(error.code).toBe("bad-file");
      expect(at.read()).toBe(text);
    });
  }

  test("leaves the old file and nothing beside it when it cannot write", async () => {
    at.write("worker_port = 9300\n");
    // A rename onto a folder fails whoever asks for it, root too.
    const error = await failureOf(() => {
      rmSync(at.file);
      mkdirSync(at.file);
      return writeConfig(at.surroundings(), { apiKey: sampleKey() });
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
        await writeConfig({ env: {}, home: ${JSON.stringify(at.home)} }, { apiKey });`;
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

  test("has what it left removed by a later one, and nothing else", async () => {
    const left = `config.toml.${crypto.randomUUID()}.tmp`;
    const recent = `config.toml.${crypto.randomUUID()}.tmp`;
    for (const name of [left, recent, "config.toml.bak", "notes.tmp"]) {
      writeFileSync(join(at.folder, name), "x");
      const hours = name === recent ? 0 : 2;
      const then = new Date(Date.now() - hours * 3_600_000);
      utimesSync(join(at.folder, name), then, then);
    }
    await writeConfig(at.surroundings(), { apiKey: sampleKey() });
    expect(readdirSync(at.folder).toSorted()).toEqual(
      [recent, "config.toml", "config.toml.bak", "notes.tmp"].toSorted(),
    );
  });
});

describe("checkConfigTakesKey()", () => {
  const url = "wss://box.example/ws";

  test("is content, changes nothing and makes nothing where a key could be written", () => {
    at.write(`api_key = "old"\nworker_port = 1\n`);
    expect(checkConfigTakesKey(at.surroundings(), url)).toEqual([]);
    expect(at.read()).toBe(`api_key = "old"\nworker_port = 1\n`);
    rmSync(at.folder, { recursive: true });
    expect(checkConfigTakesKey(at.surroundings(), url)).toEqual([]);
    expect(readdirSync(at.home)).toEqual([]);
  });

  test("refuses what writeConfig() would refuse, and tells what it has closed", async () => {
    for (const text of [
      'api_key_command = ["true"]\n',
      'api_key = """\nold"""\n',
      'api_url = """\nws://x/ws"""\n',
    ]) {
      at.write(text);
      const check = async () => checkConfigTakesKey(at.surroundings(), url);
      const refused = await failureOf(check);
      const later = await failureOf(() =>
        writeConfig(at.surroundings(), { apiKey: sampleKey(), apiUrl: url }),
      );
      expect([refused.code, refused.message]).toEqual([later.code, later.message]);
    }
    at.write("worker_port = 1\n", 0o644);
    expect(checkConfigTakesKey(at.surroundings(), url)).toHaveLength(1);
  });
});

describe("removeKey()", () => {
  test("takes the key out and nothing else", async () => {
    at.write(`# my box\r\napi_key = "${sampleKey()}"\r\nworker_port = 9300\r\n`);
    expect(await removeKey(at.surroundings())).toEqual({
      configPath: at.file,
      removed: true,
      hasCommand: false,
    });
    expect(at.read()).toBe("# my box\r\nworker_port = 9300\r\n");
    expect((await removeKey(at.surroundings())).removed).toBeFalse();
  });

  test("says that a command still gives a key", async () => {
    at.write('api_key_command = ["true"]\n');
    expect(await removeKey(at.surroundings())).toMatchObject({ removed: false, hasCommand: true });
  });

  test("makes no file where there is none", async () => {
    expect((await removeKey(at.surroundings())).removed).toBeFalse();
    expect(readdirSync(at.folder)).toEqual([]);
  });
});

async function failureOf(work: () => Promise<unknown>): Promise<FetchmlError> {
  try {
    await work();
  } catch (error) {
    if (error instanceof FetchmlError) return error;
    throw error;
  }
  throw new Error("it did not fail");
}
