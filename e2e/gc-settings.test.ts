// Changed times of keeping: seen by `fetchml gc --dry-run` before the server takes them, and taken at SIGHUP.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openBox, until, type Box, type Person } from "./box.ts";

let box: Box;
let alice: Person;

beforeEach(async () => {
  box = await openBox({ config: 'keep_outputs = "90d"\n' });
  alice = await box.addPerson("alice");
  const script = 'echo out > "$ML_OUTPUT_DIR/out"';
  expect((await alice.ml(["run", "old", "--", "sh", "-c", script])).code).toBe(0);
});

afterEach(() => box.close());

const outputs = () => join(box.dataDir, "attempts/1.1/job/outputs/out");

const write = (config: string) => writeFileSync(join(box.folder, "config.toml"), config);

async function preview() {
  const { code, stdout } = await box.admin(["gc", "--dry-run", "--json"]);
  expect(code).toBe(0);
  return JSON.parse(stdout);
}

test("a shorter time is previewed, not yet in force, and taken at SIGHUP", async () => {
  expect(await preview()).not.toHaveProperty("settings_not_taken");
  write('keep_outputs = "0"\n');
  expect(await preview()).toMatchObject({
    removed: [{ kind: "outputs", count: 1 }],
    settings_not_taken: ["keep_outputs"],
  });
  const told = (await box.admin(["gc", "--dry-run"])).stderr;
  expect(told).toContain("Would free ");
  expect(told).toContain("The running server has not taken its keep_outputs yet.");

  const done = await box.admin(["gc"]);
  expect(done.stderr).toContain("There was nothing to remove.");
  expect(done.stderr).toContain("That did not go by the keep_outputs of the config file");
  expect(existsSync(outputs())).toBe(true);

  process.kill(box.pid, "SIGHUP");
  await until(() => box.log.includes("settings-reloaded"), "the server takes nothing");
  expect(box.log).toContain('"changed":["retention"]');
  expect(box.log).not.toContain("restart-needed");
  expect((await box.admin(["gc"])).stderr).toMatch(/^Freed \S+ KiB\.\n$/);
  expect(existsSync(outputs())).toBe(false);
}, 60_000);

test("more that is to be kept free is taken at SIGHUP", async () => {
  write('min_free = "100%"\n');
  expect(await preview()).toMatchObject({ settings_not_taken: ["min_free"] });
  expect((await alice.ml(["queue", "early", "--hold", "--", "true"])).code).toBe(0);
  process.kill(box.pid, "SIGHUP");
  await until(() => box.log.includes("settings-reloaded"), "the server takes nothing");
  const refused = await alice.ml(["queue", "late", "--", "true"]);
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toContain("free for running jobs");
}, 60_000);

test("without a server the file is in force, and a longer time is previewed, too", async () => {
  write('keep_outputs = "forever"\nkeep_work = "0"\n');
  expect(await preview()).toMatchObject({
    removed: [{ kind: "work" }],
    settings_not_taken: ["keep_work", "keep_outputs"],
  });
  await box.stop();
  expect(await preview()).toMatchObject({ removed: [{ kind: "work" }] });
  expect(await preview()).not.toHaveProperty("settings_not_taken");
  await box.start();
}, 60_000);

test("a file with a mistake is named, and nothing is removed by it", async () => {
  write('keep_outputs = "soon"\n');
  const looked = await box.admin(["gc", "--dry-run"]);
  expect(looked.code).not.toBe(0);
  expect(looked.stderr).toContain("config.toml, line 1: keep_outputs is wrong");
  write("");
}, 60_000);
