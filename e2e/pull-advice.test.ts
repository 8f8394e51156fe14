// What `ml pull` tells people to do next, followed to the letter.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ML, openBox, runToEnd, until, type Box, type Person } from "./box.ts";

let box: Box;
let alice: Person;

beforeAll(async () => {
  box = await openBox();
  alice = await box.addPerson("alice");
});
afterAll(() => box.close());

/** Runs a job whose script starts in its outputs; answers its id and where they lie on the box. */
async function leave(name: string, script: string) {
  const run = await alice.ml(["run", name, "--", "sh", "-c", `cd "$ML_OUTPUT_DIR" && ${script}`]);
  expect(run.code).toBe(0);
  const { id } = JSON.parse((await alice.ml(["show", name, "--json"])).stdout) as { id: number };
  return { id, outputs: join(box.dataDir, "attempts", `${id}.1`, "job/outputs") };
}

// Outside the folder that is sent with a job.
const here = (...parts: readonly string[]) => join(alice.home, ...parts);

test("--force is offered where it helps, and only there", async () => {
  await leave("mixed", "mkdir ck && echo 1 > ck/a.pt && echo 2 > plain && echo 3 > folder");
  mkdirSync(here("mixed/folder"), { recursive: true });
  mkdirSync(here("other"));
  symlinkSync(here("other"), here("mixed/ck"));
  const pull = (...more: readonly string[]) =>
    alice.ml(["pull", "mixed", "-o", "../mixed", "--json", ...more]);
  const first = await pull("ck", "folder");
  expect(first.code).toBe(5);
  expect(first.stderr).toContain('lies below "ck", which is a link here');
  expect(first.stderr).toContain("folder is a folder here");
  expect(first.stderr).toContain("--force takes none of it away");
  expect(first.stderr).not.toContain("add --force");
  writeFileSync(here("mixed/plain"), "mine");
  // What a link leads to can differ too, and is not replaced through it.
  writeFileSync(here("other/a.pt"), "mine");
  const both = await pull();
  expect(both.stderr).toContain("To replace what differs here, add --force.");
  const { items } = JSON.parse(both.stdout) as { items: { path: string; outcome: string }[] };
  expect(items.map(({ path, outcome }) => `${path} ${outcome}`).toSorted()).toEqual([
    "ck/a.pt blocked",
    "folder blocked",
    "plain differs",
  ]);
  const forced = await pull("--force");
  expect([forced.code, forced.stderr]).toEqual([5, first.stderr]);
  expect(readFileSync(here("mixed/plain"), "utf8")).toBe("2\n");
  expect(readFileSync(here("other/a.pt"), "utf8")).toBe("mine");
});

test("what is to be tried again is what was typed, quoted, with exit code 1", async () => {
  const { outputs } = await leave("rw", "echo 1 > it\\'s.bin");
  const path = join(outputs, "it's.bin");
  writeFileSync(path, Buffer.alloc(20_000_000, 255));
  mkdirSync(here("my rw"));
  writeFileSync(here("my rw", "it's.bin"), "mine");
  const args = ["pull", "rw", "*'s.bin", "-o", "../my rw", "--force"];
  const changes = `
    const file = require("node:fs").openSync(${JSON.stringify(path)}, "r+");
    const word = Buffer.alloc(4);
    for (let i = 0; ; i = (i + 1) % 2 ** 32) {
      word.writeUInt32LE(i);
      require("node:fs").writeSync(file, word, 0, 4, 0);
    }`;
  const rewriting = Bun.spawn([process.execPath, "-e", changes]);
  try {
    await until(() => readFileSync(path)[3] !== 255, "it is not written anew");
    let pull = await alice.ml(args);
    // On a machine that has much else to do, the writer may have stood still for all of a pull.
    for (let tries = 1; pull.code === 0 && tries < 20; tries++) pull = await alice.ml(args);
    expect([pull.code, pull.stderr]).toEqual([
      1,
      "Not pulled, because it changed each time it was read:\n  it's.bin\n" +
        `Try again later: ml pull rw '*'\\''s.bin' -o '../my rw' --force\n`,
    ]);
  } finally {
    rewriting.kill();
    await rewriting.exited;
  }
});

test("an output named like the log comes, and the log is written as it is said", async () => {
  const { id } = await leave("loglike", 'echo own > "$ML_JOB_ID.1.log" && echo said');
  const log = `${id}.1.log`;
  const { code, stderr } = await alice.ml(["pull", "loglike", "--include-log", "-o", "../loglike"]);
  expect(code).toBe(1);
  expect(stderr).toContain("only that one is pulled. Leave out --include-log, or");
  expect(readFileSync(here("loglike", log), "utf8")).toBe("own\n");
  const advised = /: (ml logs .*) > FILE$/m.exec(stderr)?.[1];
  expect(advised).toBe(`ml logs '${id}#1' --raw`);
  expect((await alice.ml(["logs", `${id}#1`, "--raw"])).stdout).toBe("said\n");
});

test("a pattern through a link is told where it leads", async () => {
  const { id } = await leave("linked", "mkdir real && echo 1 > real/q && ln -s real lnk");
  const through = await alice.ml(["pull", "linked", "lnk/q"]);
  expect([through.code, through.stderr]).toEqual([
    6,
    `Nothing that job ${id} (linked) has left fits "lnk/q".\n"ml show ${id} --outputs" lists what there is.` +
      ' No pattern goes through a link: for "lnk/q" name "real/q".\n',
  ]);
  expect((await alice.ml(["pull", "linked", "real/q"])).code).toBe(0);
});

test("a pattern without quotes, of which the shell has made names of files here, gets them", async () => {
  await leave("unquoted", "echo 1 > a.csv && echo 2 > b.csv");
  const cwd = here("unquoted");
  mkdirSync(cwd);
  for (const name of ["mine.csv", "yours.csv"]) writeFileSync(join(cwd, name), "");
  const line = 'exec "$0" pull unquoted -o got ';
  const inShell = (pattern: string) =>
    runToEnd(["sh", "-c", line + pattern, ML], { cwd, env: { HOME: alice.home } });
  const wrong = await inShell("*.csv");
  expect(wrong.code).toBe(6);
  expect(wrong.stderr).toContain('"mine.csv" is a file here: a pattern needs quotes, as in ');
  const advised = /as in ('[^']*')/.exec(wrong.stderr)?.[1] ?? "";
  expect((await inShell(advised)).code).toBe(0);
  expect(readFileSync(join(cwd, "got/b.csv"), "utf8")).toBe("2\n");
});

test("a job that waits has left nothing, and what it is told to ask says why", async () => {
  expect((await alice.ml(["queue", "waits", "--hold", "--", "true"])).code).toBe(0);
  const pull = await alice.ml(["pull", "waits"]);
  expect([pull.code, pull.stdout]).toEqual([6, ""]);
  const [, id = ""] = /"ml why (\d+)" tells why\.\n$/.exec(pull.stderr) ?? [];
  expect((await alice.ml(["why", id])).stdout).toContain("ml release");
});

test("a pattern that begins with a dash comes after --", async () => {
  await leave("dash", "echo 1 > ./-rf");
  const { code, stderr } = await alice.ml(["pull", "dash", "-rf"]);
  expect(code).toBe(2);
  expect(stderr).toContain("what begins with a dash comes after --.");
  expect((await alice.ml(["pull", "dash", "-o", "../dash", "--", "-rf"])).code).toBe(0);
  expect(readFileSync(here("dash/-rf"), "utf8")).toBe("1\n");
});

test("a link that was asked for by its name and leads elsewhere ends a pull with 1, and not one that came along", async () => {
  await leave("away", "mkdir ck && echo 1 > ck/a && ln -s /etc/passwd ck/best.pt");
  const named = await alice.ml(["pull", "away", "best.pt"]);
  expect(named.stderr).toContain('ck/best.pt is a link to "/etc/passwd"');
  expect(named.code).toBe(1);
  expect((await alice.ml(["pull", "away", "ck"])).code).toBe(0);
  expect((await alice.ml(["pull", "away", "*.pt"])).code).toBe(0);
});
