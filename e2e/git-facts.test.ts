// A job tells the commit and branch that it was queued from, and whether anything was not committed.
import { afterAll, beforeAll, expect } from "bun:test";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openBox, runToEnd, writeProject, type Box, type Person } from "./box.ts";
import { needsSystem } from "./system-tool.ts";

const test = needsSystem("git");

let box: Box;
let alice: Person;
let project: string;

beforeAll(async () => {
  box = await openBox();
  alice = await box.addPerson("alice");
  project = writeProject(join(alice.home, "project"), {
    "train.py": "1\n",
    ".gitignore": "*.log\n",
  });
});

afterAll(() => box.close());

async function git(...args: readonly string[]): Promise<string> {
  const who = ["-c", "user.name=alice", "-c", "user.email=alice@example.org"];
  const env = { PATH: process.env["PATH"] ?? "", HOME: alice.home };
  const { code, stdout, stderr } = await runToEnd(["git", ...who, ...args], { cwd: project, env });
  if (code !== 0) throw new Error(stderr);
  return stdout.trim();
}

/** Queues the project and answers what the job tells of Git, for a person and for a program. */
async function queued(cwd = project): Promise<{ readonly words: string; readonly state: unknown }> {
  const { stdout } = await alice.ml(["queue", "job", "--json", "--", "true"], { cwd });
  const { id } = JSON.parse(stdout) as { id: number };
  const shown = await alice.ml(["show", String(id)]);
  const detail = JSON.parse((await alice.ml(["show", String(id), "--json"])).stdout) as {
    private: { git: unknown };
  };
  return { words: /^Git +(.*)$/m.exec(shown.stdout)?.[1] ?? "", state: detail.private.git };
}

test("ml show tells the commit, the branch, and whether it was dirty", async () => {
  expect(await queued()).toEqual({ words: "", state: null });
  await git("init", "--quiet", "--initial-branch=main");
  expect((await queued()).words).toBe("main before its first commit, dirty");
  await git("add", "--all");
  await git("commit", "--quiet", "-m", "first");
  const commit = await git("rev-parse", "HEAD");
  const clean = {
    words: `main at ${commit.slice(0, 12)}, clean`,
    state: { commit, branch: "main", dirty: false },
  };
  expect(await queued()).toEqual(clean);
  writeFileSync(join(project, "a.log"), "ignored");
  expect(await queued()).toEqual(clean);

  writeFileSync(join(project, "train.py"), "2\n");
  expect((await queued()).state).toEqual({ commit, branch: "main", dirty: true });
  writeFileSync(join(project, "train.py"), "1\n");
  expect((await queued()).state).toEqual(clean.state);
  writeFileSync(join(project, "new.py"), "");
  expect((await queued()).words).toBe(`main at ${commit.slice(0, 12)}, dirty`);
  rmSync(join(project, "new.py"));

  await git("checkout", "--quiet", "-b", "feature/x");
  expect((await queued()).state).toEqual({ commit, branch: "feature/x", dirty: false });
  await git("checkout", "--quiet", "--detach");
  expect((await queued()).words).toBe(`no branch at ${commit.slice(0, 12)}, clean`);
  await git("commit", "--quiet", "--allow-empty", "-m", "second");
  const second = await git("rev-parse", "HEAD");
  expect((await queued()).state).toEqual({ commit: second, branch: null, dirty: false });
});

test("ml queue --dry-run tells it too, and nobody else is told of a job", async () => {
  const plan = await alice.ml(["queue", "job", "--dry-run", "--", "true"], { cwd: project });
  expect(plan.stdout).toMatch(/^Git +no branch at [0-9a-f]{12}, clean$/m);
  const bob = await box.addPerson("bob");
  expect((await bob.ml(["show", "1"])).stdout).not.toContain("Git");
  const latest = JSON.parse((await alice.ml(["show", "@", "--json"])).stdout) as { id: number };
  const seen = await bob.ml(["show", String(latest.id), "--json"]);
  expect(JSON.parse(seen.stdout)).not.toHaveProperty("private");
});
