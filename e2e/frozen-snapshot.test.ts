// A job runs the project as it was when it was queued, and what the server has is not sent again.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmodSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openBox, writeProject, type Box, type Person } from "./box.ts";

let box: Box;
let alice: Person;
let project: string;

beforeAll(async () => {
  box = await openBox();
  alice = await box.addPerson("alice");
  project = writeProject(join(alice.home, "project"), {
    "ml.toml": '[jobs.reveal]\ncommand = "cat word.txt; ./tool; cat link; ls -A"\n',
    "word.txt": "first\n",
    tool: "#!/bin/sh\necho tool runs\n",
    ".gitignore": "big/\n*.tmp\n",
    "big/data": "stays at home",
    "x.tmp": "stays at home",
    "sub/where.sh": 'basename "$PWD"\n',
  });
  chmodSync(join(project, "tool"), 0o755);
  symlinkSync("word.txt", join(project, "link"));
});

afterAll(() => box.close());

test("editing a file after ml queue does not change what runs", async () => {
  expect((await alice.ml(["queue", "reveal", "--hold"], { cwd: project })).code).toBe(0);
  writeFileSync(join(project, "word.txt"), "second\n");
  rmSync(join(project, "tool"));
  expect((await alice.ml(["release", "reveal"])).code).toBe(0);
  expect((await alice.ml(["wait", "reveal"])).code).toBe(0);
  const { stdout } = await alice.ml(["logs", "reveal"]);
  expect(stdout).toBe("first\ntool runs\nfirst\n.gitignore\nlink\nml.toml\nsub\ntool\nword.txt\n");
});

test("a job starts in the folder in which it was queued", async () => {
  const run = await alice.ml(["run", "where", "--", "sh", "where.sh"], {
    cwd: join(project, "sub"),
  });
  expect({ code: run.code, stdout: run.stdout }).toEqual({ code: 0, stdout: "sub\n" });
});

test("a file that holds a FetchML key is never sent", async () => {
  const leaky = writeProject(join(alice.home, "leaky"), {
    "notes.txt": `my key: ${alice.apiKey}\n`,
  });
  const { code, stderr } = await alice.ml(["queue", "leak", "--", "true"], { cwd: leaky });
  expect(code).toBe(2);
  expect(stderr).toContain("notes.txt");
  expect(stderr).not.toContain(alice.apiKey);
});

test("nothing is taken from a home folder itself", async () => {
  const { code, stderr } = await alice.ml(["queue", "home", "--", "true"], { cwd: alice.home });
  expect(code).toBe(2);
  expect(stderr).toContain("home");
});
