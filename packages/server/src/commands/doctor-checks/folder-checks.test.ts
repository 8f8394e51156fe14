// Tests of the doctor's checks of the data folder: its modes, its database, its last backup.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { noteBackup } from "../../backup/last-backup.ts";
import { openStore } from "../../store/open-store.ts";
import { checkBackup } from "./backup-check.ts";
import { checkDataFolder } from "./data-folder-check.ts";
import { checkDatabase } from "./database-check.ts";

let folder: string;
const uid = process.geteuid?.() ?? 0;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-doctor-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

const check = () => checkDataFolder({ dataDir: folder });

/** Makes the files of a database as a server does. */
function makeDatabase(): void {
  const umask = process.umask(0o077);
  openStore(folder, 1).close();
  process.umask(umask);
}

describe("checkDataFolder()", () => {
  beforeEach(makeDatabase);

  test("is content with a folder that only its owner can look into", () => {
    expect(check()).toMatchObject({ status: "ok", facts: { mode: "0700", uid } });
  });

  test("fails for a folder that others can look into, and its fix mends it", () => {
    chmodSync(folder, 0o755);
    const { status, ...rest } = check();
    expect(status).toBe("failed");
    Bun.spawnSync(["sh", "-c", "fix" in rest ? rest.fix : ""]);
    expect(check().status).toBe("ok");
  });

  test("lets root's folder be passed through by the accounts of its jobs, and nobody else's", () => {
    chmodSync(folder, 0o711);
    expect(check().status).toBe(uid === 0 ? "ok" : "failed");
    chmodSync(folder, 0o715);
    expect(check().status).toBe("failed");
  });

  test("warns of a database that the folder alone protects, and its fix mends it", () => {
    chmodSync(join(folder, "fetchml.db"), 0o644);
    const { status, ...rest } = check();
    expect(status).toBe("warning");
    Bun.spawnSync(["sh", "-c", "fix" in rest ? rest.fix : ""]);
    expect(check().status).toBe("ok");
  });

  test("fails for an account that is neither the owner nor root, and looks no further", () => {
    const other = checkDataFolder({ dataDir: folder }, { uid: uid + 1 });
    expect(other).toMatchObject({ status: "failed", fix: "sudo fetchml doctor" });
  });
});

test("checkDataFolder() fails without a folder, without a database, and for a file", () => {
  expect(check()).toMatchObject({ status: "failed", fix: "fetchml init" });
  expect(checkDataFolder({ dataDir: join(folder, "none") })).toMatchObject({
    status: "failed",
    facts: { path: join(folder, "none") },
  });
  writeFileSync(join(folder, "file"), "");
  expect(checkDataFolder({ dataDir: join(folder, "file") }).message).toContain("not a folder");
});

describe("checkDatabase()", () => {
  const path = () => join(folder, "fetchml.db");

  test("is content with a whole one, while somebody has it open, too", () => {
    const open = openStore(folder, 1);
    expect(checkDatabase({ dataDir: folder })).toMatchObject({ status: "ok" });
    open.close();
    expect(checkDatabase({ dataDir: folder }).status).toBe("ok");
  });

  test("fails for one that lost its end, and for what is none", () => {
    makeDatabase();
    truncateSync(path(), 40_960);
    expect(checkDatabase({ dataDir: folder }).status).toBe("failed");
    writeFileSync(path(), "not a database, though long enough to be looked at".repeat(100));
    expect(checkDatabase({ dataDir: folder })).toMatchObject({
      status: "failed",
      message: expect.stringContaining("not a database"),
    });
  });
});

describe("checkBackup()", () => {
  const DAY_MS = 86_400_000;
  const NOW = Date.UTC(2026, 0, 31);
  const look = () => checkBackup({ dataDir: folder }, NOW);
  const made = async (at: number) => {
    const rest = { size_bytes: 1, with_blobs: false, with_secrets: false, left_out: 0 };
    await noteBackup(folder, { at, file: "/backup.tar", ...rest });
    return look();
  };

  test("is content with a fresh one, and warns of one over a week old", async () => {
    expect(await made(NOW - 6 * DAY_MS)).toMatchObject({
      status: "ok",
      facts: { age_ms: 6 * DAY_MS },
    });
    expect(await made(NOW - 8 * DAY_MS)).toMatchObject({
      status: "warning",
      fix: "fetchml backup fetchml-2026-01-31.backup.tar",
    });
  });

  test("warns of one that a wrong clock has dated in the future", async () => {
    expect((await made(NOW + 60_000)).status).toBe("ok");
    expect(await made(NOW + DAY_MS)).toMatchObject({
      status: "warning",
      message: expect.stringContaining("future"),
    });
  });

  test("warns where there was none, or where nobody can tell when", () => {
    expect(look()).toMatchObject({ status: "warning", facts: { last_at: null } });
    writeFileSync(join(folder, "last-backup.json"), "{");
    expect(look().facts).toEqual({ last_at: null });
  });
});
