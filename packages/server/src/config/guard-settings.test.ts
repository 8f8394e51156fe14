// Settings about what a job may take.
import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEFAULT_GUARDS } from "../domain/guard-rules.ts";
import { readSettings } from "./read-settings.ts";

function guardsIn(toml: string) {
  const folder = mkdtempSync(join(tmpdir(), "fetchml-settings-"));
  const config = join(folder, "config.toml");
  writeFileSync(config, toml);
  try {
    return readSettings({ config }, { HOME: folder }).guards;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("readSettings()", () => {
  test("bounds logs and processes by default, and neither time nor silence nor disk", () => {
    expect(guardsIn("")).toEqual(DEFAULT_GUARDS);
    expect(DEFAULT_GUARDS).toMatchObject({
      maxTimeMs: null,
      noOutputMs: null,
      maxDiskBytes: null,
      maxLogBytes: 1_073_741_824,
      processes: 32_768,
    });
  });

  test("takes every bound, and none where that is said", () => {
    const toml = `default_time = "1h"
max_time = "2d"
no_output = "30m"
max_log = "none"
max_disk = "100G"
max_processes = 500`;
    expect(guardsIn(toml)).toEqual({
      defaultTimeMs: 3_600_000,
      maxTimeMs: 172_800_000,
      noOutputMs: 1_800_000,
      maxLogBytes: null,
      maxDiskBytes: 107_374_182_400,
      processes: 500,
    });
  });

  test.each(['max_time = "10ms"', 'no_output = "soon"', 'max_log = "5K"', 'max_disk = "1"'])(
    "refuses %j",
    (line) => {
      expect(() => guardsIn(line)).toThrow(line.split(" ")[0] ?? "");
    },
  );

  test("refuses fewer processes than a shell needs", () => {
    expect(() => guardsIn("max_processes = 1")).toThrow("max_processes");
  });
});
