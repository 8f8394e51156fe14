// Tests of a repository about which Git never ends its answer: it is waited for once each time, and the person is told.
import { afterEach, beforeEach, describe, expect } from "bun:test";
import { existsSync, readFileSync, rmSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { needsSystem } from "../../../../e2e/system-tool.ts";
import { makeProject, type ProjectUnderTest } from "./project.fixture.ts";

const declare = needsSystem("git");
/** Each waits a few times for {@link LIMIT_MS}. */
const test = (name: string, body: () => Promise<void>) => declare(name, body, 30 * LIMIT_MS);

/** Long enough for Git on a busy machine, and far less than Git is waited for otherwise. */
const LIMIT_MS = 2000;

let at: ProjectUnderTest;
beforeEach(() => {
  at = makeProject();
  at.git("init", "--quiet", "--initial-branch=main");
  at.write(".gitignore", "*.cfg\n");
  at.write("a.py");
  commitIn(".");
});
afterEach(() => at[Symbol.dispose]());

function commitIn(folder: string): void {
  at.git("-C", folder, "-c", "advice.addEmbeddedRepo=false", "add", "--all", "--force", ".");
  at.git("-C", folder, "commit", "--quiet", "-m", "all");
}

function makeNested(folder: string): void {
  at.write(`${folder}/.gitignore`, "*.cfg\n");
  at.write(`${folder}/keep.cfg`);
  at.git("init", "--quiet", folder);
  commitIn(folder);
}

/** Makes something that is waited for without end. */
function makePipe(path: string): void {
  rmSync(join(at.root, path), { force: true });
  expect(Bun.spawnSync(["mkfifo", join(at.root, path)]).exitCode).toBe(0);
}

function includePipe(folder: string): void {
  at.git("-C", folder, "config", "include.path", "pipe");
  makePipe(`${folder}/.git/pipe`);
}

function attributesArePipe(folder: string, file: string): void {
  makePipe(`${folder}/.git/info/attributes`);
  // Of another time, so that Git has to compare the content, for which it asks the attributes.
  utimesSync(join(at.root, folder, file), 1, 1);
}

/** Freezes with a `git` that notes in which folder it was asked for what. */
async function freeze() {
  const log = join(at.home, "asked");
  const script = `#!/bin/sh
case " $* " in *" config "*) what=config;; *" ls-files "*) what=ls-files;; *) what=status;; esac
echo "\${PWD#${at.root}}/ $what" >> ${log}
exec ${Bun.which("git")} "$@"
`;
  at.write("../../bin/git", script, 0o755);
  rmSync(log, { force: true });
  const env = { ...at.env, PATH: `${join(at.home, "bin")}:${at.env["PATH"]}` };
  const frozen = await at.freeze({ env, gitLimitMs: LIMIT_MS });
  const asked = existsSync(log) ? readFileSync(log, "utf8").trim().split("\n").toSorted() : [];
  const paths = frozen.content().manifest.entries.map(({ path }) => path);
  return { ...frozen, asked, paths };
}

const ASKED_HERE = ["/ config", "/ ls-files"];
const WHY =
  "if it hangs, a file in its .git folder or of its settings is most likely a pipe, or its disk is slow.";
const LEFT_OUT = "files that it tracks although they are ignored are left out.";
const UNKNOWN = "whether it has changed is not known.";

describe("a repository of which the settings include a pipe", () => {
  test("is asked about once, where it lies in a project, and named", async () => {
    makeNested("fine");
    makeNested("lib/sub");
    at.git("-c", "advice.addEmbeddedRepo=false", "add", "--force", "fine", "lib/sub");
    at.git("commit", "--quiet", "-m", "both");
    includePipe("lib/sub");
    const first = await freeze();
    expect(first.asked).toEqual([
      ...ASKED_HERE,
      "/fine/ config",
      "/fine/ ls-files",
      "/lib/sub/ config",
      "/lib/sub/ ls-files",
    ]);
    expect(first.warnings).toEqual([
      `Git gave no answer in time about the repository in "lib/sub"; ${LEFT_OUT} ` +
        `Run "git status" there: ${WHY} Or add this line to .mlignore: /lib/sub/`,
    ]);
    expect(first.git?.dirty).toBeNull();
    expect(first.paths).toContain("fine/keep.cfg");
    // Other rules, for which Git is asked about the project once more.
    at.write(".gitignore", "*.cfg\n*.log\n");
    const second = await freeze();
    expect(second.warnings).toEqual(first.warnings);
    expect(second.asked.filter((one) => /^\/(?:lib|fine).* ls-files$/.test(one))).toHaveLength(2);
    at.write(".mlignore", "/lib/sub/\n");
    const third = await freeze();
    expect(third.asked.filter((one) => one.startsWith("/lib"))).toEqual([]);
    expect(third.warnings).toEqual([]);
  });

  test("is asked about once, where the project lies in it", async () => {
    includePipe(".");
    const { asked, warnings, git } = await freeze();
    expect(asked).toEqual(ASKED_HERE);
    expect(warnings).toEqual([
      `Git gave no answer in time about this repository; ${LEFT_OUT} Run "git status" here: ${WHY}`,
    ]);
    expect(git).toMatchObject({ branch: "main", dirty: null });
  });

  test("ends the asking where there are several, one in another", async () => {
    const folders = ["1/", "1/2/", "1/2/3/", "1/2/3/4/"];
    for (const folder of folders.toReversed()) makeNested(folder.slice(0, -1));
    for (const folder of folders) includePipe(folder);
    const { asked, warnings } = await freeze();
    const about = folders.slice(0, 3).flatMap((one) => [`/${one} config`, `/${one} ls-files`]);
    expect(asked).toEqual([...ASKED_HERE, ...about]);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('in "1" and 3 more;');
  });
});

test("a filter of the person's own that does not end is ended with Git", async () => {
  const pidFile = join(at.home, "pid");
  const clean = `echo $$ > ${pidFile}; sleep 1000; cat`;
  at.git("config", "--global", "filter.hang.clean", clean);
  at.write(".gitattributes", "*.py filter=hang\n");
  // Of another time, so that Git has to compare the content.
  utimesSync(join(at.root, "a.py"), 1, 1);
  expect((await freeze()).git?.dirty).toBeNull();
  const pid = Number(readFileSync(pidFile, "utf8"));
  const left = Bun.spawnSync(["ps", "-A", "-o", "pid=", "-o", "ppid=", "-o", "stat="]);
  const lines = left.stdout.toString().split("\n");
  const alive = lines.filter((line) => !line.includes("Z") && line.split(/\s+/).includes(`${pid}`));
  expect(alive).toEqual([]);
});

for (const file of ["info/exclude", "index"]) {
  test(`a repository of which .git/${file} is a pipe is asked about once`, async () => {
    makePipe(`.git/${file}`);
    const { asked, warnings, git } = await freeze();
    expect(asked).toEqual(ASKED_HERE);
    expect(warnings).toEqual([
      `Git gave no answer in time about this repository; ${LEFT_OUT} Run "git status" here: ${WHY}`,
    ]);
    expect(git?.dirty).toBeNull();
  });
}

describe("a repository of which the attributes are a pipe", () => {
  test("may have changed or not, and is not asked about again while nothing changes", async () => {
    attributesArePipe(".", "a.py");
    const first = await freeze();
    expect(first.asked).toEqual([...ASKED_HERE, "/ ls-files", "/ status"]);
    expect(first.warnings).toEqual([
      `Git gave no answer in time about this repository; ${UNKNOWN} Run "git status" here: ${WHY}`,
    ]);
    expect(first.git).toMatchObject({ branch: "main", dirty: null });
    const second = await freeze();
    expect(second.asked).toEqual([]);
    expect(second.git).toEqual(first.git);
  });

  test("is the last that is asked about", async () => {
    for (const folder of ["one", "two"]) {
      makeNested(folder);
      at.git("-c", "advice.addEmbeddedRepo=false", "add", "--force", folder);
    }
    at.git("commit", "--quiet", "-m", "both");
    attributesArePipe("one", "keep.cfg");
    const { asked, warnings, git } = await freeze();
    expect(asked.filter((one) => one.endsWith("status"))).toEqual(["/ status", "/one/ status"]);
    expect(git?.dirty).toBeNull();
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(`the repository in "one"; ${UNKNOWN}`);
  });
});
