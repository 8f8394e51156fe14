// A job is done again: from the code that it had, or from what is here now.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openBox, writeProject, type Box, type Person } from "./box.ts";

let box: Box;
let alice: Person;
let project: string;
let first: string;

beforeAll(async () => {
  box = await openBox();
  alice = await box.addPerson("alice");
  project = writeProject(join(alice.home, "project"), {
    "ml.toml": '[jobs.say]\ncommand = "cat word.txt; echo $WORD"\nenv = { WORD = "old" }\n',
    "word.txt": "first\n",
    "sub/where.sh": 'basename "$PWD"; cat ../word.txt\n',
  });
  const { stdout } = await alice.ml(["queue", "say"], { cwd: project });
  first = idIn(stdout);
  expect((await alice.ml(["wait", first])).code).toBe(0);
  writeFileSync(join(project, "word.txt"), "second\n");
});

afterAll(() => box.close());

function idIn(stdout: string): string {
  return /^Queued (\d+)/.exec(stdout)?.[1] ?? "";
}

/** Does it again, waits for the new job and answers its id and its log. */
async function redone(args: readonly string[], cwd = project) {
  const { code, stdout, stderr } = await alice.ml(["redo", ...args], { cwd });
  expect([code, stderr]).toEqual([0, expect.stringContaining("follows it")]);
  const id = idIn(stdout);
  await alice.ml(["wait", id]);
  return { id, log: (await alice.ml(["logs", id])).stdout };
}

test("redo runs the code, command and environment that the job had", async () => {
  const { id, log } = await redone([first], join(alice.home, "work"));
  expect([Number(id) > Number(first), log]).toEqual([true, "first\nold\n"]);
  const shown = await alice.ml(["show", id]);
  expect(shown.stdout).toMatch(new RegExp(`^Redo of +${first}$`, "m"));
  const { private: own } = JSON.parse((await alice.ml(["show", id, "--json"])).stdout);
  expect(own.redo_of).toBe(Number(first));
});

test("redo takes other needs, variables and further words", async () => {
  const { id, log } = await redone([first, "--env", "WORD=new", "--retries", "2", "--", "x"]);
  expect(log).toBe("first\nnew x\n");
  const job = JSON.parse((await alice.ml(["show", id, "--json"])).stdout);
  expect(job).toMatchObject({ retries: 2, private: { command: { args: ["x"] } } });
});

test("redo --fresh runs what is here now, in the folder and with the command of the job", async () => {
  expect((await redone([first, "--fresh"])).log).toBe("second\nold\n");
  const { stdout } = await alice.ml(["queue", "where", "--", "sh", "where.sh"], {
    cwd: join(project, "sub"),
  });
  writeFileSync(join(project, "word.txt"), "third\n");
  expect((await redone([idIn(stdout), "--fresh"])).log).toBe("sub\nthird\n");
});

test("an admin's redo of somebody's job is the admin's own, and nobody else can do it", async () => {
  const admin = await box.addPerson("root", "admin");
  const { code, stdout } = await admin.ml(["redo", first]);
  expect(code).toBe(0);
  expect((await admin.ml(["wait", idIn(stdout)])).code).toBe(0);
  expect((await admin.ml(["logs", idIn(stdout)])).stdout).toBe("first\nold\n");
  expect(JSON.parse((await admin.ml(["show", "@", "--json"])).stdout).user).toBe("root");
  // Though alice may see her own job's code, the new one is not hers.
  expect((await alice.ml(["code", idIn(stdout), "-o", "x"])).code).toBe(6);

  const bob = await box.addPerson("bob");
  for (const args of [[first], [first, "--fresh"]]) {
    const refused = await bob.ml(["redo", ...args], {
      cwd: writeProject(join(bob.home, "mine"), { "ml.toml": "" }),
    });
    expect([refused.code, refused.stdout]).toEqual([6, ""]);
  }
  expect((await bob.ml(["list", "--all", "--json"])).stdout.trim()).toBe("[]");
});
