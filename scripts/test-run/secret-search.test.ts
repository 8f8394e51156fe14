// Shows that a run of tests finds a key or a hash that a test has left anywhere, and passes over samples that open nothing.

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { Database } from "bun:sqlite";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { generateApiKey, hashApiKey } from "@fetchml/protocol";
import { projectRoot } from "../project-files.ts";
import { SecretSearch } from "./secret-search.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-search-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const newKey = () =>
  generateApiKey({
    id: "test",
    randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
  });

/** A server's database that knows a key by its hash. */
function issued(key: string, path = "data/fetchml.db"): string {
  write(path, "");
  using db = new Database(join(folder, path));
  db.run("CREATE TABLE api_keys (api_key_hash TEXT)");
  db.query("INSERT INTO api_keys VALUES ($hash)").run({ $hash: hashApiKey(key) });
  return key;
}

function write(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

/** What a search of the folder finds, without the folder's own name. */
function found(...paths: readonly string[]): readonly string[] {
  const search = new SecretSearch();
  for (const path of paths.length === 0 ? [""] : paths) search.look(join(folder, path));
  return search.findings().map((line) => line.replace(/ in fetchml-search-\w+\//, " in "));
}

describe("SecretSearch", () => {
  test("finds an issued key in every file but its user's own config, links not followed", () => {
    const key = issued(newKey());
    write("home/alice/.ml/config.toml", `api_key = "${key}"\n`);
    expect(found()).toEqual([]);
    write("data/attempts/1.1/control/log", `TOKEN=${key.toUpperCase()}\n`);
    write("home/alice/.ml/other", Buffer.from(key, "utf16le"));
    write("data/config.toml", btoa(key));
    expect(found()).toEqual([
      "an issued key in data/attempts/1.1/control/log",
      "an issued key in data/config.toml",
      "an issued key in home/alice/.ml/other",
    ]);
  });

  test("finds one in the database itself, and across folders that are looked at one by one", () => {
    const key = newKey();
    write("scrap/a", key);
    issued(key, "data/fetchml.db");
    expect(found("scrap", "data")).toEqual(["an issued key in scrap/a"]);
    expect(found("scrap/a", "data")).toEqual(["an issued key in scrap/a"]);
    using db = new Database(join(folder, "data/fetchml.db"));
    db.query("INSERT INTO api_keys VALUES ($text)").run({ $text: `a label ${key}` });
    expect(found()).toContain("an issued key in data/fetchml.db");
  });

  test("finds an issued key that lies across the border of two pieces of a large file", () => {
    const key = issued(newKey());
    const piece = 16 * 1_048_576;
    for (const before of [piece - 44, piece - 20, piece - 100, 2 * piece - 200]) {
      write("log", Buffer.concat([Buffer.alloc(before, "x"), Buffer.from(key)]));
      expect(found()).toEqual(["an issued key in log"]);
    }
  });

  test("finds a hash in every file but the database, as text, bytes and base64", () => {
    const hash = hashApiKey(issued(newKey()));
    write("data/fetchml.db-wal", hash);
    expect(found()).toEqual([]);
    const forms = [`x${hash}x`, Buffer.from(hash, "hex"), Buffer.from(hash, "hex").toBase64()];
    for (const form of forms) {
      write("server.log", form);
      expect(found()).toEqual(["the hash of an issued key in server.log"]);
    }
  });

  test("passes over keys that no database knows: samples, which open nothing", () => {
    issued(newKey());
    write("notes", newKey());
    write("hash", hashApiKey(newKey()));
    // The test vector, even where a test has imported it.
    write("vector", issued("fetchml_kpazxttmnfwpqvn7htakzj9hnk67xw0errda", "other/fetchml.db"));
    expect(found()).toEqual([]);
  });
});

describe("a run of tests", () => {
  const body = (place: string) => `
    import { test } from "bun:test";
    import { Database } from "bun:sqlite";
    import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
    import { tmpdir } from "node:os";
    import { generateApiKey, hashApiKey } from "${projectRoot}/packages/protocol/src/index.ts";
    test("leaves nothing", () => {
      const folder = mkdtempSync(tmpdir() + "/x-");
      const key = generateApiKey({ id: "test", randomBytes: (n) => crypto.getRandomValues(new Uint8Array(n)) });
      const db = new Database(folder + "/fetchml.db");
      db.run("CREATE TABLE api_keys (api_key_hash TEXT)");
      db.query("INSERT INTO api_keys VALUES (?)").run(hashApiKey(key));
      db.close();
      mkdirSync(folder + "/.ml");
      writeFileSync(folder + "/${place}", key);
      rmSync(folder, { recursive: true });
    });`;

  async function run(place: string): Promise<{ readonly code: number; readonly said: string }> {
    write("some.test.ts", body(place));
    const temporary = join(folder, "t");
    mkdirSync(temporary, { recursive: true });
    const look = join(projectRoot, "scripts/test-run/last-look.ts");
    const child = Bun.spawn([process.execPath, "test", `--preload=${look}`, "./some.test.ts"], {
      cwd: folder,
      env: { PATH: process.env["PATH"], TMPDIR: temporary },
      stdout: "pipe",
      stderr: "pipe",
    });
    const said = (await child.stdout.text()) + (await child.stderr.text());
    expect(readdirSync(temporary)).toEqual([]);
    return { code: await child.exited, said };
  }

  test("fails for a key in a folder that its test has removed, and does not show it", async () => {
    const { code, said } = await run("scrap");
    expect([code, said.includes("1 issued key")]).toEqual([1, true]);
    expect(said).toMatch(/an issued key in x-\w+\/scrap/);
    expect(said).not.toMatch(/fetchml_[0-9a-z]{36}/);
  });

  test("passes where the key was in its user's config alone", async () => {
    expect((await run(".ml/config.toml")).code).toBe(0);
  });
});
