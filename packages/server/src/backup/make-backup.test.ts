// What a backup holds and what not, how it gets its name, and that the box's own tools can read it.
import { afterEach, beforeEach, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { snapshotFolder } from "../snapshots/snapshot-folder.ts";
import { AT, membersOf, openTestData, SECRET, type TestData } from "./backup.fixture.ts";
import { readLastBackup } from "./last-backup.ts";

let data: TestData;

beforeEach(async () => {
  data = await openTestData();
});

afterEach(() => data.remove());

const namesIn = (path: string) => membersOf(readFileSync(path)).map(({ name }) => name);
const blobName = (hash: string) => `snapshots/blobs/${hash.slice(0, 2)}/${hash.slice(2)}`;
const manifestName = (id: string) => `snapshots/manifests/${id.slice(0, 2)}/${id.slice(2)}`;

test("a backup has database, config, all lists of files, and the code of jobs that have not ended", async () => {
  const { file } = await data.backup();
  const names = namesIn(file);
  expect(names.slice(0, 3)).toEqual(["backup.json", "fetchml.db", "config.toml"]);
  expect(new Set(names.slice(3))).toEqual(
    new Set([
      manifestName(data.ended.snapshot),
      manifestName(data.queued.snapshot),
      blobName(data.queued.blob),
      "SHA256SUMS",
    ]),
  );
  expect(names.at(-1)).toBe("SHA256SUMS");
});

test("--with-blobs adds the code of ended jobs, --with-secrets the sealed secrets and their key", async () => {
  const { file } = await data.backup({ withBlobs: true, withSecrets: true });
  const names = namesIn(file);
  expect(names).toContain(blobName(data.ended.blob));
  expect(names).toContain("secrets/key");
  expect(names).toContain("secrets/users/alice/HF_TOKEN");
});

test("without --with-secrets nothing of a secret is in the file: no value, no sealed value, no key", async () => {
  const { file } = await data.backup({ withBlobs: true });
  const bytes = readFileSync(file);
  expect(bytes.includes(SECRET)).toBe(false);
  for (const secret of ["secrets/key", "secrets/users/alice/HF_TOKEN"])
    expect(bytes.includes(readFileSync(join(data.dataDir, secret)))).toBe(false);
  expect(readFileSync((await data.backup({ withSecrets: true })).file).includes(SECRET)).toBe(
    false,
  );
});

test("a backup is readable by its owner only, is noted in the data folder, and leaves nothing else", async () => {
  const before = readdirSync(data.folder);
  const { file, size_bytes: size } = await data.backup();
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(file).size).toBe(size);
  expect(readLastBackup(data.dataDir)).toEqual({
    at: AT,
    file,
    size_bytes: size,
    with_blobs: false,
    with_secrets: false,
    left_out: 0,
  });
  expect(readdirSync(data.folder).toSorted()).toEqual([...before, "fetchml.backup.tar"].toSorted());
});

test("tar and sha256sum read a backup", async () => {
  const { file } = await data.backup({ withBlobs: true, withSecrets: true });
  const folder = join(data.folder, "unpacked");
  mkdirSync(folder);
  const script = 'tar -xf "$0" && sha256sum --strict -c SHA256SUMS';
  const { exitCode, stdout } = Bun.spawnSync(["sh", "-c", script, file], { cwd: folder });
  expect([exitCode, stdout.toString().includes("fetchml.db: OK")]).toEqual([0, true]);
});

test("a file that is there is kept without --force, and kept whole when the backup fails", async () => {
  const file = join(data.folder, "old.backup.tar");
  writeFileSync(file, "old");
  const refused = await data.backup({ file, force: false }).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: "conflict" });
  const stopping = new AbortController();
  stopping.abort(new Error("interrupted"));
  expect(await data.backup({ file, signal: stopping.signal }).catch(String)).toContain(
    "interrupted",
  );
  expect(readFileSync(file, "utf8")).toBe("old");
  await data.backup({ file });
  expect(namesIn(file)).toContain("fetchml.db");
});

test("a backup goes to no pipe, folder, missing folder, link or place in the data folder", async () => {
  const link = join(data.folder, "link");
  symlinkSync("/nowhere", link);
  const places: readonly (readonly [string, string])[] = [
    ["-", "usage"],
    [data.folder, "conflict"],
    [link, "conflict"],
    ["/dev/null", "conflict"],
    [join(data.folder, "none/x"), "bad-file"],
    [join(data.dataDir, "x"), "conflict"],
    [join(data.dataDir, "secrets/x"), "conflict"],
    ["", "usage"],
    [join(data.folder, "x".repeat(250)), "bad-file"],
  ];
  for (const [file, code] of places)
    expect(await data.backup({ file }).catch((error: unknown) => error)).toMatchObject({ code });
});

test("code that a disk has spoilt is left out and counted; what waits in a pack is in", async () => {
  const folder = snapshotFolder(join(data.dataDir, "snapshots"));
  writeFileSync(folder.blob(data.ended.blob), "spoilt");
  mkdirSync(folder.packs);
  writeFileSync(join(folder.packs, "0-1-2"), "a pack");
  const made = await data.backup({ withBlobs: true });
  expect(made.left_out).toBe(1);
  expect(namesIn(made.file)).toContain("snapshots/packs/0-1-2");
  expect(namesIn(made.file)).not.toContain(blobName(data.ended.blob));
});

test("a damaged database is not backed up, and an older backup stays", async () => {
  const { file } = await data.backup();
  const before = readFileSync(file);
  const path = join(data.dataDir, "fetchml.db");
  const bytes = readFileSync(path);
  bytes.fill(0xaa, 8192, 20_480);
  writeFileSync(path, bytes);
  expect(await data.backup().catch(String)).toContain("is damaged");
  expect(readFileSync(file).equals(before)).toBe(true);
  expect(existsSync(file)).toBe(true);
});

test("what a backup to the same file has left that was killed days ago is removed, and nothing else", async () => {
  const names = [".fetchml.backup.tar.a1B2c3", ".fetchml.backup.tar.dDeEfF", ".other.a1B2c3"];
  for (const name of names) mkdirSync(join(data.folder, name));
  const [old = "", ...others] = names;
  const before = AT / 1000 - 2 * 86_400;
  for (const [name, at] of [
    [old, before],
    [".fetchml.backup.tar.dDeEfF", AT / 1000],
    [".other.a1B2c3", before],
  ] as const)
    utimesSync(join(data.folder, name), at, at);
  await data.backup();
  expect(existsSync(join(data.folder, old))).toBe(false);
  for (const name of others) expect(existsSync(join(data.folder, name))).toBe(true);
});
