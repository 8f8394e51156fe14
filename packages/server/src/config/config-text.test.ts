// Tests of the config file that `fetchml init` writes.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { configText } from "./config-text.ts";
import { readSettings } from "./read-settings.ts";
import { SETTING_NOTES } from "./setting-notes.ts";
import { ConfigFile } from "./settings.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-config-text-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

function settingsOf(text: string) {
  const config = join(folder, "config.toml");
  writeFileSync(config, text);
  return readSettings({ config }, { HOME: folder });
}

describe("configText()", () => {
  test("says what it was told, whatever the folder is called, and else the defaults", () => {
    const dataDir = `/srv/a "b" \\ c`;
    const settings = settingsOf(configText({ dataDir, listen: "127.0.0.1:9107" }));
    expect([settings.dataDir, settings.listen.port]).toEqual([dataDir, 9107]);
    expect({ ...settings, configPath: null }).toEqual({
      ...readSettings(
        { config: "/dev/null", "data-dir": dataDir, listen: "9107" },
        { HOME: folder },
      ),
      configPath: null,
    });
  });

  test("tells of every setting, each once", () => {
    const told = ["data_dir", "listen", ...SETTING_NOTES.map(({ key }) => key)];
    expect(told.toSorted()).toEqual(Object.keys(ConfigFile.shape).toSorted());
  });

  test("holds examples that are right once their mark is taken away", () => {
    const text = configText({ dataDir: "/srv/x" }).replaceAll(/^# (\w+ = )/gm, "$1");
    expect(settingsOf(text).gpus).toHaveLength(1);
  });
});
