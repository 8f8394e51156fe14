// Tests of the settings that say how large a snapshot may be.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSettings } from "../config/read-settings.ts";
import { snapshotLimits } from "./snapshot-limits.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-settings-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function settingsOf(text: string) {
  const config = join(folder, "config.toml");
  writeFileSync(config, text);
  return readSettings({ config }, { HOME: folder });
}

test("snapshot_max_size, snapshot_max_file_size and snapshot_max_files bound a snapshot", () => {
  const settings = settingsOf(
    'snapshot_max_size = "2G"\nsnapshot_max_file_size = "512M"\nsnapshot_max_files = 200000\n',
  );
  expect(snapshotLimits(settings)).toEqual({
    totalBytes: 2 * 1024 ** 3,
    blobBytes: 512 * 1024 ** 2,
    entries: 200_000,
    manifestBytes: 140_000_000,
  });
});

test("without them a snapshot may have 10 GiB and 100,000 files, with lists of files to match", () => {
  const limits = snapshotLimits(settingsOf(""));
  expect(limits).toMatchObject({ totalBytes: 10 * 1024 ** 3, blobBytes: 10 * 1024 ** 3 });
  expect([limits.entries, limits.manifestBytes]).toEqual([100_000, 70_000_000]);
});

test("a limit that makes no sense is refused with its line", () => {
  expect(() => settingsOf('cpus = 1\nsnapshot_max_size = "much"\n')).toThrow(
    "line 2: snapshot_max_size is wrong",
  );
  expect(() => settingsOf("snapshot_max_files = 0\n")).toThrow("line 1: snapshot_max_files");
});
