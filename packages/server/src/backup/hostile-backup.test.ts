// A damaged or hostile backup file restores nothing, and is refused in words.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import { Database } from "../store/database.ts";
import {
  forgeArchive,
  membersOf,
  openTestData,
  type ForgedMember,
  type TestData,
} from "./backup.fixture.ts";

let data: TestData;
let good: Buffer;
let members: ForgedMember[];

beforeAll(async () => {
  data = await openTestData();
  good = readFileSync((await data.backup({ withBlobs: true, withSecrets: true })).file);
  members = membersOf(good).slice(0, -1);
});

afterAll(() => data.remove());

/** What `restore` says to these bytes; nothing may be left by it. */
async function refusalOf(bytes: Uint8Array): Promise<string> {
  const file = join(data.folder, "hostile.backup.tar");
  writeFileSync(file, bytes);
  const error = await data.restore(file).catch((reason: unknown) => reason);
  if (!(error instanceof FetchmlError)) throw new Error(`it was not refused: ${String(error)}`);
  expect(error.message.split("\n").length).toBeLessThanOrEqual(3);
  expect(existsSync(data.restored)).toBe(false);
  return error.message;
}

const file = (name: string, change?: (header: Buffer) => void): ForgedMember => ({
  name,
  bytes: Buffer.from("x"),
  ...(change !== undefined && { change }),
});

const typed = (type: string) => (header: Buffer) => void header.write(type, 156, "latin1");

test("an archive forged of the same members is taken, so the refusals below are for what they name", async () => {
  expect(forgeArchive(members).length).toBe(good.length);
  const path = join(data.folder, "forged.backup.tar");
  writeFileSync(path, forgeArchive(members));
  const dataDir = join(data.folder, "forged");
  expect(await data.restore(path, { dataDir })).toMatchObject({ jobs: 3, users: 1 });
});

describe("restore refuses a backup with", () => {
  const cases: readonly (readonly [string, ForgedMember, string])[] = [
    ["a path that climbs", file("../escaped"), "no backup holds"],
    ["a path that climbs from inside", file("snapshots/packs/../../../escaped"), "no backup holds"],
    ["an absolute path", file("/tmp/escaped"), "no backup holds"],
    ["a socket's name", file("fetchml.sock"), "no backup holds"],
    ["control files of an attempt", file("attempts/1.1/control/job"), "no backup holds"],
    ["an empty name", file(""), "no backup holds"],
    ["a second label", file("backup.json"), "no backup holds"],
    ["a symbolic link", file("secrets/key", typed("2")), "something else than plain files"],
    ["a hard link", file("secrets/key", typed("1")), "something else than plain files"],
    ["a device", file("secrets/key", typed("3")), "something else than plain files"],
    ["a pipe", file("secrets/key", typed("6")), "something else than plain files"],
    ["a folder", file("secrets/key", typed("5")), "something else than plain files"],
    ["a long name of GNU tar", file("secrets/key", typed("L")), "something else than plain files"],
    ["a pax header", file("secrets/key", typed("x")), "something else than plain files"],
    [
      "a link's target",
      file("secrets/key", (header) => void header.write("/etc", 157)),
      "plain files",
    ],
    [
      "a mode of its own",
      file("secrets/key", (header) => void header.write("0004777", 100)),
      "plain files",
    ],
    ["the same file twice", file("config.toml"), "config.toml twice"],
    [
      "code that is not its hash",
      file(`snapshots/blobs/00/${"0".repeat(62)}`),
      "not what its name says",
    ],
  ];
  test.each(cases)("%s", async (_, member, words) => {
    expect(await refusalOf(forgeArchive([...members, member]))).toContain(words);
    expect(existsSync(join(data.folder, "escaped"))).toBe(false);
  });

  test("a size beyond its end", async () => {
    for (const size of [
      Buffer.from("77777777777\0"),
      Buffer.from("800000007fffffffffffffff", "hex"),
    ]) {
      const member = file("snapshots/packs/a", (header) => void size.copy(header, 124));
      expect(await refusalOf(forgeArchive([...members, member]))).toMatch(
        /ends in the middle of|something else than plain files|damaged/,
      );
    }
  });

  test("a size whose number is below zero", async () => {
    const size = Buffer.from("ffffffffffffffffffffffff", "hex");
    const member = file("snapshots/packs/a", (header) => void size.copy(header, 124));
    await refusalOf(forgeArchive([...members, member]));
  });

  test("no database, no label, no sums, nothing at all", async () => {
    const without = (name: string) => members.filter((member) => member.name !== name);
    expect(await refusalOf(forgeArchive(without("fetchml.db")))).toContain("no database in it");
    expect(await refusalOf(forgeArchive(without("backup.json")))).toContain(
      "not a backup of FetchML",
    );
    expect(await refusalOf(Buffer.alloc(0))).toContain("not a backup of FetchML");
    expect(await refusalOf(Buffer.alloc(10_240))).toContain("not a backup of FetchML");
    expect(await refusalOf(Buffer.from("hello\n".repeat(1000)))).toContain("not a backup");
    const sums = membersOf(good).at(-1)?.bytes.length ?? 0;
    const cut = good.length - 2 * 512 - 512 - Math.ceil(sums / 512) * 512;
    await refusalOf(Buffer.concat([good.subarray(0, cut), Buffer.alloc(1024)]));
  });

  test("a label of a later form, which names the release", async () => {
    const label = JSON.stringify({ format: 2, product_version: "9.9.9" });
    const [, ...rest] = members;
    const later = [{ name: "backup.json", bytes: Buffer.from(label) }, ...rest];
    expect(await refusalOf(forgeArchive(later))).toContain("FetchML 9.9.9");
  });

  test("a database that SQLite finds damaged, or with a row that names another that is not there", async () => {
    const path = join(data.folder, "broken.db");
    const database = members.find(({ name }) => name === "fetchml.db")?.bytes ?? Buffer.alloc(0);
    const withDatabase = (bytes: Uint8Array) =>
      forgeArchive(members.map((each) => (each.name === "fetchml.db" ? { ...each, bytes } : each)));
    const torn = Buffer.from(database);
    torn.fill(0xaa, 8192, 16_384);
    expect(await refusalOf(withDatabase(torn))).toContain("its database is damaged");
    expect(await refusalOf(withDatabase(Buffer.from("no database")))).toContain("is damaged");
    writeFileSync(path, database);
    const db = new Database(path);
    db.runScript("PRAGMA foreign_keys = OFF");
    db.runScript("UPDATE jobs SET user_id = 77 WHERE id = 1");
    db.close();
    expect(await refusalOf(withDatabase(readFileSync(path)))).toContain("names one of users");
  });
});

test("restore refuses a backup that was cut anywhere, or goes on behind its end", async () => {
  for (let length = 0; length < good.length; length += 1 + (length % 2048 === 0 ? 511 : 1535))
    await refusalOf(good.subarray(0, length));
  await refusalOf(good.subarray(0, good.length - 1));
  expect(await refusalOf(Buffer.concat([good, Buffer.alloc(512)]))).toContain("follows its end");
}, 60_000);

test("restore refuses a backup of which any byte was flipped", async () => {
  const bytes = Buffer.from(good);
  const step = Math.max(1, Math.floor(good.length / 400));
  const firstBlocks = Array.from({ length: 300 }, (_, at) => at * 4);
  const places = [...firstBlocks, ...Array.from({ length: 400 }, (_, at) => at * step)];
  for (const at of places) {
    const was = bytes[at] ?? 0;
    bytes[at] = was ^ (1 << (at % 8));
    await refusalOf(bytes);
    bytes[at] = was;
  }
}, 120_000);

test("restore refuses what is no plain file", async () => {
  const folder = join(data.folder, "folder");
  mkdirSync(folder);
  const refused = await data.restore(folder).catch((error: unknown) => String(error));
  expect(refused).toContain("no plain file");
  expect(await data.restore(join(data.folder, "none")).catch(String)).toContain("Cannot read");
  expect(readdirSync(folder)).toEqual([]);
});
