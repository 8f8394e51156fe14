// What the keys about retention may say, and what they mean.
import { describe, expect, test } from "bun:test";
import { DEFAULT_RETENTION } from "../domain/retention-rules.ts";
import { differingKeys, retentionRules, type DiskSettings } from "./retention-settings.ts";
import { ConfigFile } from "./settings.ts";

const DAY_MS = 86_400_000;
const rulesOf = (file: object) => retentionRules(ConfigFile.parse(file));

describe("the keys keep_…", () => {
  test("left out mean a day, a week, a month, 90 days and 80 % of the disk", () => {
    expect(rulesOf({})).toEqual(DEFAULT_RETENTION);
    expect(DEFAULT_RETENTION).toEqual({
      keepMs: {
        work: DAY_MS,
        checkpoints: 7 * DAY_MS,
        outputs: 90 * DAY_MS,
        log: 90 * DAY_MS,
        code: 90 * DAY_MS,
        setups: 30 * DAY_MS,
      },
      keepSize: { fraction: 0.8 },
    });
  });

  test("take times, forever, sizes and parts of the disk", () => {
    const file = { keep_outputs: "30d", keep_logs: "forever", keep_work: "0", keep_size: "500G" };
    expect(rulesOf(file)).toEqual({
      keepMs: { ...DEFAULT_RETENTION.keepMs, work: 0, outputs: 30 * DAY_MS, log: null },
      keepSize: { bytes: 500 * 1024 ** 3 },
    });
    expect(rulesOf({ keep_size: "62.5 %" }).keepSize).toEqual({ fraction: 0.625 });
    expect(ConfigFile.parse({ min_free: "10%" }).min_free).toEqual({ fraction: 0.1 });
  });

  test("refuse what is neither", () => {
    const wrong = [
      { keep_outputs: "90" },
      { keep_outputs: "never" },
      { keep_outputs: 90 },
      { keep_outputs: "-1d" },
      { keep_size: "101%" },
      { keep_size: "-1%" },
      { keep_size: "much" },
      { min_free: "%" },
      { min_free: 5 },
    ];
    for (const file of wrong)
      expect([file, ConfigFile.safeParse(file).success]).toEqual([file, false]);
  });
});

describe("differingKeys()", () => {
  const diskOf = (file: object): DiskSettings => ({
    retention: rulesOf(file),
    minFree: ConfigFile.parse(file).min_free ?? null,
  });
  const changes = {
    keep_work: "2d",
    keep_checkpoints: "forever",
    keep_outputs: "1s",
    keep_logs: "1d",
    keep_code: "1d",
    keep_setups: "1d",
    keep_size: "500G",
    min_free: "1G",
  };

  test("names each key that says something else, and no other", () => {
    for (const [key, value] of Object.entries(changes)) {
      expect(differingKeys(diskOf({}), diskOf({ [key]: value }))).toEqual([key]);
    }
    expect(differingKeys(diskOf(changes), diskOf({}))).toEqual(Object.keys(changes));
  });

  test("names none where a key only says what is the default", () => {
    expect(differingKeys(diskOf({}), diskOf({ keep_work: "24h", keep_size: "80%" }))).toEqual([]);
  });
});
