// A setup whose outcome cannot be given to other attempts as it is runs for each of them, says why, and holds nobody up.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { ended, ready, waitFor } from "../attempt.fixture.ts";
import { sandbox, shells, shellSubject, type ShellSubject } from "./shell-subject.fixture.ts";

/** How many files the project has besides the few of each test. */
let manyFiles = 0;

function checkout(_snapshot: string | null, work: string): Promise<void> {
  mkdirSync(join(work, "src"));
  for (const name of ["train.py", "src/a", "src/b b"]) writeFileSync(join(work, name), "old\n");
  writeFileSync(join(work, "keep"), "as\n");
  writeFileSync(join(work, "package-lock.json"), "{}\n");
  symlinkSync("src/a", join(work, "link"));
  for (let index = 0; index < manyFiles; index += 1) {
    const folder = join(work, `many/${Math.floor(index / 1000)}`);
    if (index % 1000 === 0) mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, String(index)), "");
  }
  return Promise.resolve();
}

describe.skipIf(sandbox === undefined).each(shells)("with programs under %s", (shell) => {
  let subject: ShellSubject;
  let run: ShellSubject["run"];
  let specOf: ShellSubject["specOf"];
  let kept: ShellSubject["kept"];
  beforeEach(async () => {
    manyFiles = 0;
    subject = await shellSubject(shell, checkout);
    ({ run, specOf, kept } = subject);
  });
  afterEach(() => subject.close());

  test.each([
    ["rewritten in place", "echo new > train.py", "train.py"],
    ["changed within its length", "printf new > src/a; echo >> src/a", "src/a"],
    ["replaced", "sed -i s/old/new/ 'src/b b'", "src/b b"],
    ["removed", "rm train.py", "train.py"],
    ["removed with its folder", "rm -r src", "src, src/a, src/b b"],
    ["made executable", "chmod +x train.py", "train.py"],
    ["closed, a folder", "chmod o-x src", "src"],
    ["closed, the project itself", "chmod 750 .", "."],
    ["led elsewhere, a link", "ln -sfn 'src/b b' link", "link"],
    ["replaced by a link", "ln -sf /etc/hostname train.py", "train.py"],
    ["replaced by a folder", "rm train.py; mkdir train.py", "train.py"],
    ["renamed", "mv src source", "src, src/a, src/b b"],
    ["exchanged for another", "mv keep t; mv train.py keep; mv t train.py", "keep, train.py"],
  ])("a file of the project that is %s is named, and each attempt sees it so", async (...each) => {
    const [, change, names] = each;
    const setup = `echo running; mkdir .venv; ${change}`;
    const look = "echo LOOK; find . -printf '%P %M %l\n' | sort; cat train.py src/* 2>&1; true";
    const first = await run(specOf(setup, look));
    const second = await run(specOf(setup, look));
    for (const log of [first, second]) {
      expect(log).toContain("\nrunning\n");
      expect(log).toContain(
        `fetchml: what the setup made is not kept, and so it runs for each attempt: it changed files of the project: ${names}. Let`,
      );
    }
    expect(second.split("LOOK")[1]).toBe(first.split("LOOK")[1] ?? "");
    expect(kept()).toEqual([]);
  });

  test("a project that is as it was is given what a setup made, also where a file was written anew", async () => {
    // As npm writes its lock file.
    const setup =
      "echo running; mkdir node_modules; echo made > node_modules/x; cp package-lock.json ~/l; cat ~/l > package-lock.json; touch train.py; cp src/a ~/a; mv ~/a src/a; echo new > src/new; ln -s x y";
    expect(await run(specOf(setup, "true"))).not.toContain("not kept");
    const log = await run(specOf(setup, "cat node_modules/x src/new; readlink y; ls -A src"));
    expect(log).toEndWith("\nmade\nnew\nx\na\nb b\nnew\n");
    expect(log).not.toContain("\nrunning\n");
    expect(kept()).toHaveLength(1);
  });

  test("a setup that makes as many separate paths as can be kept is kept, one more is not", async () => {
    const setup = (count: number) =>
      `i=0; while [ $i -lt ${count} ]; do i=$((i + 1)); : > src/$i; done; echo running`;
    expect(await run(specOf(setup(200), "true"))).not.toContain("not kept");
    const again = await run(specOf(setup(200), "ls src | wc -l; rm -f src/1; ls src | wc -l"));
    expect(again).toMatch(/^fetchml: setup kept from an earlier job: .*\n202\n.*\n202\n$/);
    for (const _ of [1, 2]) {
      const log = await run(specOf(setup(201), "ls src | wc -l"));
      expect(log).toMatch(
        /\nrunning\n.*\nfetchml: what the setup made is not kept, and so it runs for each attempt: it made more than 200 separate files and folders in those of the project\. Let it make one folder, such as \.venv\.\n203\n$/,
      );
    }
    expect(kept()).toHaveLength(1);
  }, 60_000);

  test("a name that cannot be listed is not lost: each attempt makes it", async () => {
    const setup = "echo running; mkdir .venv; : > \"$(printf 'a\\nb')\"; : > .venv/x";
    for (const _ of [1, 2]) {
      const log = await run(specOf(setup, "ls -d a*b .venv/x"));
      expect(log).toMatch(/\nrunning\n.*or beside it are names with control characters\./s);
      expect(log).toEndWith(".\n.venv/x\na\nb\n");
    }
    expect(kept()).toEqual([]);
  });

  test("5,000 new files are no hindrance", async () => {
    manyFiles = 2000;
    const setup = "mkdir .venv; cd many/0; seq 5000 | sed 's/^/new/' | xargs touch";
    expect(await run(specOf(setup, "ls many/0 | wc -l"))).toMatch(
      /it made more than 200 .*\n6000\n$/,
    );
  }, 60_000);

  test.each(shell === "busybox" ? ["cksum"] : ["cksum", "awk", "mv", "sync"])(
    "a cancel ends an attempt while its setup is compared or kept, in %s",
    async (tool) => {
      // As on a slow disk: one takes for ever, or each of 150 takes half a second.
      const path = join(subject.shellFolder, tool);
      const slow = tool === "mv" ? 'sleep 0.5; exec /bin/mv "$@"' : "exec sleep 1000";
      writeFileSync(path, `#!/bin/sh\n: > ${subject.shellFolder}/began\n${slow}\n`);
      chmodSync(path, 0o755);
      const spec = specOf("i=0; while [ $i -lt 150 ]; do i=$((i + 1)); : > $i; done", "echo ran");
      await subject.executor.start(spec);
      await waitFor(tool, () => existsSync(join(subject.shellFolder, "began")));
      await subject.executor.cancel(spec, 15_000);
      expect((await ended(subject.executor, spec)).outcome.kind).toBe("cancelled");
      expect(await subject.log(spec)).not.toContain("ran\n");
      expect(kept().filter((name) => !name.endsWith(".new"))).toEqual([]);
      expect(readdirSync(subject.control(spec))).not.toContain("before");
      rmSync(path);
      expect(await run({ ...spec, jobId: 900 })).toMatch(/\nran\n$/);
      expect(kept()).toHaveLength(1);
    },
    60_000,
  );

  test.each([
    ["a pipe", "mkfifo src/pipe", "src/pipe"],
    ["a pipe in a folder of its own", "mkfifo .venv/pipe", ".venv/pipe"],
    [
      "a socket",
      "python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\".socket\")'",
      ".socket",
    ],
  ])("%s is not lost: each attempt makes it", async (_what, make, path) => {
    const setup = `echo running; mkdir .venv; ${make}`;
    for (const _ of [1, 2]) {
      const log = await run(specOf(setup, `stat -c %F ${path}`));
      expect(log).toContain("\nrunning\n");
      expect(log).toContain(
        `: it made a pipe, a socket or a device: ${path}. Let it remove that.\n`,
      );
      expect(log).toMatch(/\n(fifo|socket)\n$/);
    }
    expect(kept()).toEqual([]);
  });

  test.each(shell === "busybox" ? ["cksum"] : ["cksum", "find", "stat", "awk"])(
    "nothing is kept by half a list, as %s leaves it on a full disk",
    async (tool) => {
      const path = join(subject.shellFolder, tool);
      const setup = "echo running; mkdir .venv; echo a > .venv/a; echo b > src/new; touch train.py";
      writeFileSync(path, `#!/bin/sh\n/usr/bin/${tool} "$@" | head -n 3\nexit 1\n`);
      chmodSync(path, 0o755);
      const look = "cat .venv/a src/new; echo new >> train.py; wc -l < train.py";
      const log = await run(specOf(setup, look));
      expect(log).toContain("each attempt: it could not be compared with the project.\n");
      expect(log).toEndWith("\na\nb\n2\n");
      expect(kept()).toEqual([]);
      rmSync(path);
      expect(await run(specOf(setup, look))).toEndWith("\na\nb\n2\n");
      expect(kept()).toHaveLength(1);
    },
  );

  test("jobs whose setup is not kept wait neither for one another's setup nor for its job", async () => {
    const setup = "echo running; : > train.py; until [ -e ~/go ]; do sleep 0.05; done";
    const specs = [1, 2, 3, 4].map(() => specOf(setup, "echo ready; exec sleep 1000"));
    const [first, ...others] = specs;
    if (first === undefined) throw new Error("there is a first");
    await subject.executor.start(first);
    await ready(subject, first, "\nrunning\n");
    for (const spec of others) await subject.executor.start(spec);
    await waitFor("the waits", async () =>
      (await Promise.all(others.map((spec) => subject.log(spec)))).every((log) =>
        log.includes("waiting for another job"),
      ),
    );
    const home = join(subject.dataDir, "homes/alice");
    expect(existsSync(home)).toBe(true);
    writeFileSync(join(home, "go"), "");
    // The first one's command runs on all the while.
    for (const spec of specs) await ready(subject, spec, "\nready\n");
    const later = specOf(setup, "echo ready; exec sleep 1000");
    rmSync(join(home, "go"));
    const last = specOf(setup, "echo ready; exec sleep 1000");
    for (const spec of [later, last]) await subject.executor.start(spec);
    for (const spec of [later, last]) await ready(subject, spec, "\nrunning\n");
    for (const spec of [...specs, later, last]) await subject.executor.cancel(spec, 0);
    for (const spec of [...specs, later, last]) await ended(subject.executor, spec);
  }, 60_000);

  test("a setup that could not be kept once is kept as soon as it can be", async () => {
    const setup = "echo running; [ -e ~/clean ] || : > train.py; mkdir .venv";
    expect(await run(specOf(setup, "true"))).toContain("is not kept");
    writeFileSync(join(subject.dataDir, "homes/alice/clean"), "");
    expect(await run(specOf(setup, "true"))).toMatch(/\nrunning\nfetchml: setup done in .*\n$/);
    expect(await run(specOf(setup, "ls -d .venv"))).toMatch(
      /kept from an earlier job.*\n\.venv\n$/,
    );
  });
});
