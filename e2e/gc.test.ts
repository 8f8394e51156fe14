// `fetchml gc`: what it says and does, with a server and without.
import { Database } from "bun:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openBox, until, writeProject, type Box, type Person } from "./box.ts";

const DAY_MS = 86_400_000;

let box: Box;
let alice: Person;

beforeEach(async () => {
  box = await openBox({ config: 'keep_work = "1d"\nkeep_code = "30d"\n' });
  alice = await box.addPerson("alice");
});

afterEach(() => box.close());

const attempt = (id: number, ...parts: readonly string[]) =>
  join(box.dataDir, "attempts", `${id}.1`, ...parts);

/** Queues a job that leaves a file in each of its folders, and waits for its end. */
async function runJob(name: string): Promise<void> {
  const script =
    'echo out > "$ML_OUTPUT_DIR/out"; echo point > "$ML_CHECKPOINT_DIR/point"; echo said';
  expect((await alice.ml(["run", name, "--", "sh", "-c", script])).code).toBe(0);
}

/** Makes all that lies there so many days older; the server must be stopped. */
function ageBy(days: number): void {
  const db = new Database(join(box.dataDir, "fetchml.db"));
  const ms = days * DAY_MS;
  for (const sql of [
    "UPDATE jobs SET ended_at = ended_at - $ms, created_at = created_at - $ms, started_at = started_at - $ms WHERE ended_at IS NOT NULL",
    "UPDATE job_files SET ended_at = ended_at - $ms",
    "UPDATE snapshots SET created_at = created_at - $ms, accepted_at = accepted_at - $ms",
  ]) {
    db.query(sql).run({ $ms: ms });
  }
  db.close();
  const root = join(box.dataDir, "snapshots");
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const before = new Date(Date.now() - ms);
    if (entry.isFile()) utimesSync(join(entry.parentPath, entry.name), before, before);
  }
}

/** As a server finds it that was off for so long. */
async function startOlder(days: number): Promise<void> {
  await box.stop();
  ageBy(days);
  await box.start();
}

interface Report {
  readonly dry_run: boolean;
  readonly removed: readonly {
    readonly kind: string;
    readonly count: number;
    readonly bytes: number;
  }[];
  readonly problems: readonly string[];
}

async function gc(...options: readonly string[]): Promise<Report> {
  const ended = await box.admin(["gc", "--json", ...options]);
  expect(ended).toMatchObject({ code: 0, stderr: "" });
  return JSON.parse(ended.stdout);
}

const kinds = ({ removed }: Report) => removed.map(({ kind, count }) => `${kind} ${count}`);

describe("without a server", () => {
  test("--dry-run says what would go and leaves it; then it goes, and a second time there is nothing", async () => {
    await runJob("old");
    await box.stop();
    ageBy(8);
    const looked = await gc("--dry-run");
    expect(looked).toMatchObject({ dry_run: true, problems: [] });
    expect(kinds(looked)).toEqual(["work 1", "checkpoints 1"]);
    for (const { bytes } of looked.removed) expect(bytes).toBeGreaterThan(0);
    expect(existsSync(attempt(1, "job/work"))).toBe(true);

    const done = await gc();
    expect(done.removed).toEqual(looked.removed);
    expect(existsSync(attempt(1, "job/work"))).toBe(false);
    expect(existsSync(attempt(1, "job/outputs/out"))).toBe(true);
    expect(existsSync(join(box.dataDir, "checkpoints/1"))).toBe(false);
    expect((await gc()).removed).toEqual([]);
    await box.start();
  }, 60_000);

  test("for a person it prints a table, and says so when there is nothing", async () => {
    await runJob("old");
    await box.stop();
    ageBy(2);
    const looked = await box.admin(["gc", "--dry-run"]);
    expect(looked.stdout).toMatch(
      /^WHAT +COUNT +SIZE\nworking folders of ended jobs +1 +\S+ KiB\n$/,
    );
    expect(looked.stderr).toMatch(/^Would free \S+ KiB\.\n$/);
    expect((await box.admin(["gc"])).stderr).toMatch(/^Freed \S+ KiB\.\n$/);
    expect(await box.admin(["gc"])).toMatchObject({
      code: 0,
      stdout: "",
      stderr: "There was nothing to remove.\n",
    });
    await box.start();
  }, 60_000);
});

describe("with a server", () => {
  test("it works through the socket, and removes what nobody refers to", async () => {
    const stray = join(box.dataDir, "attempts/77.1/job/work");
    mkdirSync(stray, { recursive: true });
    writeFileSync(join(stray, "file"), "x".repeat(10_000));
    const before = new Date(Date.now() - 2 * DAY_MS);
    utimesSync(join(box.dataDir, "attempts/77.1"), before, before);
    expect(kinds(await gc("--dry-run"))).toEqual(["strays 1"]);
    expect(existsSync(stray)).toBe(true);
    expect(kinds(await gc())).toEqual(["strays 1"]);
    expect(existsSync(stray)).toBe(false);
    const audit = JSON.parse((await box.admin(["audit", "--json"])).stdout);
    expect(audit).toContainEqual(expect.objectContaining({ action: "gc.start", ok: true }));
  }, 60_000);

  test("the server does it by itself when it starts", async () => {
    await runJob("old");
    await startOlder(2);
    await until(() => !existsSync(attempt(1, "job/work")), "the server collects nothing");
    expect((await alice.ml(["logs", "old"])).stdout).toBe("said\n");
    expect(existsSync(attempt(1, "job/outputs/out"))).toBe(true);
  }, 60_000);

  test("code goes when its time is over, but for what a pinned or waiting job runs from", async () => {
    const project = (name: string) => writeProject(join(alice.home, name), { "main.py": name });
    const run = (name: string, ...args: readonly string[]) =>
      alice.ml([...args, name, "--", "cat", "main.py"], { cwd: project(name) });
    expect((await run("old", "run")).code).toBe(0);
    expect((await run("pinned", "run")).code).toBe(0);
    expect((await alice.ml(["pin", "pinned"])).code).toBe(0);
    expect((await run("held", "queue", "--hold")).code).toBe(0);
    await startOlder(31);
    await until(async () => kinds(await gc("--dry-run")).length === 0, "the server is not done");

    const redone = await alice.ml(["redo", "old"]);
    expect(redone.code).toBe(6);
    expect(redone.stderr).toMatch(
      /The code of job 1 \(old\) was removed on \d{4}-\d\d-\d\d, for its age or to make room/,
    );
    for (const args of [
      ["code", "old", "-o", "back"],
      ["diff", "old", "pinned"],
    ]) {
      const asked = await alice.ml(args);
      expect(asked.code).toBe(6);
      expect(asked.stderr).toContain("The code of job 1 (old) was removed on");
    }
    expect((await alice.ml(["release", "held"])).code).toBe(0);
    expect((await alice.ml(["wait", "held"])).code).toBe(0);
    expect((await alice.ml(["logs", "held"])).stdout).toBe("held");
    expect((await alice.ml(["redo", "pinned"])).code).toBe(0);

    // The same project is sent again, and all is as before.
    expect((await run("old", "run")).stdout).toBe("old");
    expect((await alice.ml(["redo", "1"])).code).toBe(0);
  }, 60_000);
});
