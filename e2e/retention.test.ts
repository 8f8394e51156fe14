// What was removed is told in words wherever somebody asks for it, and pinned jobs stay whole.
import { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { openBox, until, writeProject, type Box, type Person } from "./box.ts";

const DAY_MS = 86_400_000;

let box: Box;
let alice: Person;
let bob: Person;

beforeAll(async () => {
  box = await openBox();
  alice = await box.addPerson("alice");
  bob = await box.addPerson("bob");
  writeProject(join(alice.home, "work"), { "main.py": "print()" });
  const script = 'echo out > "$ML_OUTPUT_DIR/out"; echo said';
  for (const name of ["old", "pinned"]) {
    expect((await alice.ml(["run", name, "--", "sh", "-c", script])).code).toBe(0);
  }
  expect((await alice.ml(["pin", "pinned"])).code).toBe(0);
  // Everything is made 100 days older, as a server finds it that was off for so long.
  await box.stop();
  const db = new Database(join(box.dataDir, "fetchml.db"));
  const ms = 100 * DAY_MS;
  db.query("UPDATE jobs SET ended_at = ended_at - $ms, created_at = created_at - $ms").run({
    $ms: ms,
  });
  db.query("UPDATE job_files SET ended_at = ended_at - $ms").run({ $ms: ms });
  db.close();
  await box.start();
  await until(async () => (await alice.ml(["logs", "1"])).code === 6, "the server removes no log");
}, 60_000);

afterAll(() => box.close());

const TODAY = new Date().toISOString().slice(0, 10);

describe("of a job that was removed", () => {
  const asked: readonly (readonly [what: string, args: readonly string[]])[] = [
    ["log", ["logs", "1"]],
    ["log", ["logs", "-f", "1"]],
    ["outputs", ["pull", "1"]],
  ];
  for (const [what, args] of asked) {
    test(`ml ${args.join(" ")} says when the ${what} went, and how to keep the next`, async () => {
      const { code, stderr, stdout } = await alice.ml(args);
      expect(code).toBe(6);
      expect(stdout).toBe("");
      expect(stderr).toContain(`The ${what} of job 1 (old) w`);
      expect(stderr).toMatch(/removed on \d{4}-\d\d-\d\d, for (?:its|their) age or to make room/);
      expect(stderr).toContain('"ml pin JOB"');
    });
  }

  test("ml show tells what went and when, and ml list still has it", async () => {
    const shown = await alice.ml(["show", "1"]);
    expect(shown.code).toBe(0);
    expect(shown.stdout).toMatch(/^Removed +working folder on .*outputs on .*log on /m);
    const { removed, pinned, outputs } = JSON.parse(
      (await alice.ml(["show", "1", "--json"])).stdout,
    );
    expect([pinned, outputs]).toEqual([false, []]);
    expect(new Date(removed.outputs).toISOString().slice(0, 10) >= TODAY).toBe(true);
    expect(removed.code).toBeNull();
    expect((await alice.ml(["list", "--all"])).stdout).toContain("old");
  });

  test("ml pin says what is gone already", async () => {
    const pinned = await alice.ml(["pin", "1"]);
    expect(pinned.code).toBe(0);
    expect(pinned.stdout).toBe("Pinned 1 old\n");
    expect(pinned.stderr).toMatch(/^Removed before: working folder on /);
    expect((await alice.ml(["unpin", "1"])).stdout).toBe("Unpinned 1 old\n");
  });
});

describe("a pinned job", () => {
  test("is whole, and ml show and ml list say that it is pinned", async () => {
    expect((await alice.ml(["logs", "2"])).stdout).toBe("said\n");
    expect((await alice.ml(["pull", "2"])).code).toBe(0);
    expect((await alice.ml(["show", "2"])).stdout).toMatch(/^Pinned /m);
    expect((await alice.ml(["list", "--all"])).stdout).toContain("succeeded, pinned");
    const { removed, pinned } = JSON.parse((await alice.ml(["show", "2", "--json"])).stdout);
    expect([removed, pinned]).toEqual([undefined, true]);
  });

  test("is unpinned by nobody but its owner and admins", async () => {
    const refused = await bob.ml(["unpin", "2"]);
    expect(refused.code).toBe(3);
    expect(refused.stderr).toContain("belongs to alice");
    const admin = await box.addPerson("carol", "admin");
    expect((await admin.ml(["unpin", "2"])).code).toBe(0);
    expect((await admin.ml(["pin", "2", "--json"])).stdout).toContain('"pinned":true');
  });
});
