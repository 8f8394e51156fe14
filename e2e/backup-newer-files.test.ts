// A restore with files of jobs that the backup does not know: nobody's new job is taken for one of them.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { cpSync, existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { openBox, type Box, type Person } from "./box.ts";
import { emptyBox, restoreInto } from "./restored-box.ts";

let box: Box;
let second: Box;
let alice: Person;
let bob: Person;

beforeAll(async () => {
  box = await openBox({ config: "cpus = 4\n" });
  second = emptyBox();
  alice = await box.addPerson("alice");
  bob = await box.addPerson("bob");
});

afterAll(async () => {
  await second.stop();
  rmSync(second.folder, { recursive: true, force: true });
  await box.close();
});

const SCRIPT =
  'echo "$0 $ML_JOB_ID"; ls "$ML_CHECKPOINT_DIR"; for i in "$ML_OUTPUT_DIR" "$ML_CHECKPOINT_DIR"; do echo "$0" > "$i/of-$0"; done';

test("bob's job after the restore is none of alice's, though the files of hers lie there", async () => {
  const run = (person: Person, name: string, env: Record<string, string> = {}) =>
    person.ml(["run", name, "--", "sh", "-c", SCRIPT, person.name], { env });
  expect((await run(alice, "first")).stdout).toContain("alice 1\n");
  const held = await alice.ml(["queue", "later", "--hold", "--", "sh", "-c", SCRIPT, "later"]);
  expect(held.code).toBe(0);
  const file = join(box.folder, "fetchml.backup.tar");
  expect((await box.admin(["backup", file])).code).toBe(0);
  // What the backup does not know: one that was queued then has run, and three are new.
  expect((await alice.ml(["release", "later"])).code).toBe(0);
  expect((await alice.ml(["wait", "later"])).code).toBe(0);
  for (const name of ["a", "b", "c"]) expect((await run(alice, name)).code).toBe(0);
  await box.stop();

  expect((await restoreInto(second, file)).code).toBe(0);
  for (const name of ["attempts", "checkpoints"])
    cpSync(join(box.dataDir, name), join(second.dataDir, name), {
      recursive: true,
      force: false,
      preserveTimestamps: true,
    });
  await second.start();
  const at = (person: Person) => ({ ML_API_URL: second.url, ML_API_KEY: person.apiKey });
  const ran = await run(bob, "mine", at(bob));
  expect([ran.code, ran.stdout]).toEqual([0, "bob 6\n"]);
  const pulled = join(bob.home, "pulled");
  expect((await bob.ml(["pull", "mine", "-o", pulled], { env: at(bob) })).code).toBe(0);
  expect(existsSync(join(pulled, "of-alice"))).toBe(false);
  expect(readFileSync(join(pulled, "of-bob"), "utf8")).toBe("bob\n");

  // The one that was queued then runs now, with nothing of its other run.
  expect((await alice.ml(["release", "later"], { env: at(alice) })).code).toBe(0);
  const waited = await alice.ml(["wait", "later"], { env: at(alice) });
  expect(waited.code).toBe(0);
  expect((await alice.ml(["logs", "later"], { env: at(alice) })).stdout).toBe("later 2\n");
  expect((await alice.ml(["logs", "first"], { env: at(alice) })).stdout).toBe("alice 1\n");
}, 60_000);
