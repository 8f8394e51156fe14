// Settings about how jobs are kept apart, and what they see of the box.
import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSettings } from "./read-settings.ts";

function settingsOf(toml: string) {
  const folder = mkdtempSync(join(tmpdir(), "fetchml-settings-"));
  const config = join(folder, "config.toml");
  writeFileSync(config, toml);
  try {
    return readSettings({ config }, { HOME: folder });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("readSettings()", () => {
  test("walls jobs off by default, shows them nothing, and has accounts for them", () => {
    expect(settingsOf("")).toMatchObject({
      sandbox: "auto",
      mounts: [],
      jobUids: { first: 1_900_000_000, count: 10_000 },
    });
  });

  test("takes mounts, read-only unless told otherwise, and a range of accounts", () => {
    const toml = `job_uids = "50000-50999"
mounts = [{ path = "/data" }, { path = "/scratch", mode = "rw" }]`;
    expect(settingsOf(toml)).toMatchObject({
      mounts: [
        { path: "/data", mode: "ro" },
        { path: "/scratch", mode: "rw" },
      ],
      jobUids: { first: 50_000, count: 1000 },
    });
  });

  test.each(["500-600", "5000", "6000-5000", "5000-5000", "5000-4294967294", "a-b", ""])(
    "refuses %j as accounts of jobs",
    (range) => {
      expect(() => settingsOf(`job_uids = "${range}"`)).toThrow("job_uids");
    },
  );

  test("refuses a mount of another mode, and one with a key that it does not know", () => {
    expect(() => settingsOf('mounts = [{ path = "/data", mode = "wr" }]')).toThrow("mounts");
    expect(() => settingsOf('mounts = [{ path = "/data", at = "/x" }]')).toThrow("not a setting");
  });
});
