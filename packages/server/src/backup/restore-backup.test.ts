// A restore puts everything into an empty folder, or nothing, and says what of then is no longer so.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { attemptFolder } from "../domain/attempt-folder.ts";
import { readExit } from "../executor/local/attempt-records.ts";
import { observeAttempt } from "../executor/local/observe-attempt.ts";
import { openSecrets } from "../secrets/secrets.ts";
import { snapshotFolder } from "../snapshots/snapshot-folder.ts";
import { insertKey } from "../store/api-keys.ts";
import { auditPage } from "../store/audit.ts";
import { lockDataFolder } from "../store/data-folder-lock.ts";
import { openStore } from "../store/open-store.ts";
import { holdsSnapshot } from "../store/snapshot-holders.ts";
import { AT, hashOf, openTestData, SECRET, type TestData } from "./backup.fixture.ts";
import { isHalfRestored } from "./restore-target.ts";

let data: TestData;

beforeEach(async () => {
  data = await openTestData();
});

afterEach(() => data.remove());

const refusalOf = async (file: string) => {
  const error: unknown = await data.restore(file).catch((reason: unknown) => reason);
  return error instanceof Error ? error : new Error("it was not refused");
};

function openRestored() {
  return openStore(data.restored, AT);
}

test("a restored folder has the same rows, code, secrets and times, for its owner only", async () => {
  const { file } = await data.backup({ withBlobs: true, withSecrets: true });
  const restored = await data.restore(file);
  expect(restored).toMatchObject({ jobs: 3, users: 1, lost: 1, revoked: 0 });
  expect(readFileSync(restored.configPath ?? "", "utf8")).toBe("cpus = 2\n");
  const places = [data.dataDir, data.restored].map((dir) => snapshotFolder(join(dir, "snapshots")));
  const [from, to] = places.map((folder) =>
    [data.ended, data.queued].flatMap(({ blob, snapshot }) => [
      readFileSync(folder.blob(blob), "utf8"),
      readFileSync(folder.manifest(snapshot), "utf8"),
    ]),
  );
  expect(to).toEqual(from ?? []);
  const secrets = openSecrets(join(data.restored, "secrets"));
  expect(await secrets.reveal("alice", ["HF_TOKEN"])).toEqual(new Map([["HF_TOKEN", SECRET]]));
  expect(await secrets.list("alice")).toEqual(
    await openSecrets(join(data.dataDir, "secrets")).list("alice"),
  );
  const names = readdirSync(data.restored, { recursive: true, encoding: "utf8" });
  for (const path of names.filter((name) => name !== "lock.db"))
    expect([path, statSync(join(data.restored, path)).mode & 0o077]).toEqual([path, 0]);
  expect(readdirSync(data.restored).toSorted()).toEqual(
    [
      "attempts",
      "fetchml.db",
      "lock.db",
      "restored-config.toml",
      "secrets",
      "snapshots",
    ].toSorted(),
  );
});

test("an attempt that ran then is found lost, without any process being looked at", async () => {
  await data.restore((await data.backup()).file);
  const { control } = attemptFolder(data.restored, { jobId: 3, attempt: 1 });
  expect(readExit(control)?.outcome).toMatchObject({ kind: "lost" });
  expect(await observeAttempt(control, "anywhere")).toMatchObject({
    kind: "ended",
    outcome: { kind: "lost", message: expect.stringContaining("backup") },
  });
  expect(readdirSync(join(data.restored, "attempts"))).toEqual(["3.1"]);
});

test("without blobs the code of ended jobs counts as never sent, that of queued jobs is there", async () => {
  await data.restore((await data.backup()).file);
  const db = openRestored();
  expect(holdsSnapshot(db, 1, data.ended.snapshot)).toBe(false);
  expect(holdsSnapshot(db, 1, data.queued.snapshot)).toBe(true);
  db.close();
  const folder = snapshotFolder(join(data.restored, "snapshots"));
  expect(existsSync(folder.blob(data.ended.blob))).toBe(false);
  expect(existsSync(folder.blob(data.queued.blob))).toBe(true);
});

test("--revoke-all-keys revokes those that are valid, and the audit tells of it and of the restore", async () => {
  const db = openStore(data.dataDir, 0);
  db.transact(() => {
    for (const id of ["aaaa", "bbbb"])
      insertKey(db, {
        id,
        user_id: 1,
        api_key_hash: hashOf(id),
        label: null,
        created_at: 1,
        expires_at: null,
      });
    db.run("UPDATE api_keys SET revoked_at = 9 WHERE id = 'aaaa'");
  });
  db.close();
  const { file } = await data.backup();
  expect(await data.restore(file, { revokeAllKeys: true })).toMatchObject({ revoked: 1, keys: 0 });
  const restored = openRestored();
  expect(restored.all("SELECT id, revoked_at FROM api_keys ORDER BY id")).toEqual([
    { id: "aaaa", revoked_at: 9 },
    { id: "bbbb", revoked_at: AT },
  ]);
  expect(auditPage(restored, { since: null, beforeId: null, limit: 9 })).toMatchObject([
    { action: "key.revoke", target: "all keys", actor: "root" },
    { action: "backup.restore", target: new Date(AT).toISOString(), actor: "root" },
  ]);
  restored.close();
});

test("a folder with anything in it is refused and stays as it is", async () => {
  const { file } = await data.backup();
  for (const name of ["fetchml.db", "notes.txt", ".hidden", "snapshots"]) {
    mkdirSync(data.restored, { recursive: true });
    writeFileSync(join(data.restored, name), "mine");
    const refused = await refusalOf(file);
    expect(refused).toMatchObject({ code: "conflict" });
    expect(refused.message).toContain("is not empty");
    expect(readdirSync(data.restored)).toEqual([name]);
    expect(readFileSync(join(data.restored, name), "utf8")).toBe("mine");
    Bun.spawnSync(["rm", join(data.restored, name)]);
  }
  const own = await data.restore(file, { dataDir: data.dataDir }).catch((error: unknown) => error);
  expect(own).toMatchObject({ code: "conflict" });
});

test("a folder that a server is just taking is refused", async () => {
  const { file } = await data.backup();
  mkdirSync(data.restored);
  const lock = lockDataFolder(data.restored);
  expect(await refusalOf(file)).toMatchObject({ code: "data-folder-in-use" });
  lock.close();
  expect(existsSync(join(data.restored, ".restoring"))).toBe(false);
  expect(await data.restore(file)).toMatchObject({ jobs: 3 });
});

test("an empty folder, also the root of a disk, is filled and stays when the backup is bad", async () => {
  const { file } = await data.backup();
  mkdirSync(join(data.restored, "lost+found"), { recursive: true });
  const bad = join(data.folder, "bad.backup.tar");
  writeFileSync(bad, readFileSync(file).subarray(0, 20_000));
  expect(await refusalOf(bad)).toMatchObject({ code: "bad-file" });
  expect(readdirSync(data.restored)).toEqual(["lost+found"]);
  expect(await data.restore(file)).toMatchObject({ jobs: 3 });
});

test("what a restore that was killed has left is cleared up by the next, and looks like no data folder", async () => {
  const { file } = await data.backup({ withBlobs: true });
  const corner = join(data.restored, ".restoring");
  mkdirSync(join(corner, "snapshots"), { recursive: true });
  writeFileSync(join(corner, "fetchml.db"), "half");
  expect(isHalfRestored(data.restored)).toBe(true);
  // Killed while it moved things to their places: that was said before the first of them.
  mkdirSync(join(data.restored, "snapshots/blobs/00"), { recursive: true });
  expect(await refusalOf(file)).toMatchObject({ code: "conflict" });
  expect(existsSync(join(data.restored, "snapshots/blobs/00"))).toBe(true);
  writeFileSync(join(corner, "placing"), "");
  expect(await data.restore(file)).toMatchObject({ jobs: 3 });
  expect(isHalfRestored(data.restored)).toBe(false);
  expect(existsSync(join(data.restored, "snapshots/blobs/00"))).toBe(false);
  expect(existsSync(corner)).toBe(false);
});

test("an interrupted restore leaves nothing", async () => {
  const { file } = await data.backup();
  const stopping = new AbortController();
  const stopped = await data
    .restore(file, {
      signal: stopping.signal,
      onProgress: () => stopping.abort(new Error("interrupted")),
    })
    .catch(String);
  expect(stopped).toContain("interrupted");
  expect(existsSync(data.restored)).toBe(false);
});
