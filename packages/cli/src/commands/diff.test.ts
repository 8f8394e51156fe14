// Tests of `ml diff`, as a process against a real socket and on a real terminal.
import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { servingCode, type CodeJob } from "../testing/job-code.fixture.ts";
import { servedBench } from "../testing/served-bench.fixture.ts";

const here = servedBench();

const lines = (count: number) => Array.from({ length: count }, (_, i) => `line ${i}\n`);

const BEFORE: CodeJob = {
  tree: {
    README: "read me\n",
    "bin/run": "#!/bin/sh\n",
    "data.bin": new Uint8Array([1, 0, 2]),
    "gone.txt": "bye\n",
    latest: { link: "README" },
    "old name.py": "print('the same')\n",
    "src/train.py": lines(20).join(""),
  },
  own: { env: { LR: "0.1", SEED: "1" } },
};
const AFTER: CodeJob = {
  tree: {
    README: "read me",
    "bin/run": { exec: "#!/bin/sh\n" },
    "data.bin": new Uint8Array([1, 0, 2, 3]),
    latest: { link: "new.txt" },
    "new.txt": "hello\n",
    "src/new name.py": "print('the same')\n",
    "src/train.py": lines(20).with(9, "changed\n").join(""),
  },
  own: {
    env: { LR: "0.2", SEED: "1" },
    command: { argv: ["python3", "train.py", "--fast"] },
    cwd: "src",
  },
  job: { gpus: 2, timeout_ms: 3_600_000 },
};

describe("ml diff JOB JOB", () => {
  test("shows command, folder, environment and needs, then the code as Git would", async () => {
    here.serve(servingCode({ 12: BEFORE, 13: AFTER }));
    const { code, stdout, stderr } = await here.ml("diff 12 13");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toBe(
      [
        "command",
        "  - python3 train.py",
        "  + python3 train.py --fast",
        "folder",
        "  + src",
        "env",
        "  - LR=0.1",
        "  + LR=0.2",
        "needs",
        "  - 1 GPU, 4 CPUs",
        "  + 2 GPUs, 4 CPUs",
        "limit",
        "  + 1h",
        "",
        "diff --git a/README b/README",
        "--- a/README",
        "+++ b/README",
        "@@ -1 +1 @@",
        "-read me",
        "+read me",
        String.raw`\ No newline at end of file`,
        "diff --git a/bin/run b/bin/run",
        "old mode 100644",
        "new mode 100755",
        "diff --git a/data.bin b/data.bin",
        "Binary files a/data.bin and b/data.bin differ",
        "diff --git a/gone.txt b/gone.txt",
        "deleted file mode 100644",
        "--- a/gone.txt",
        "+++ /dev/null",
        "@@ -1 +0,0 @@",
        "-bye",
        "diff --git a/latest b/latest",
        "--- a/latest",
        "+++ b/latest",
        "@@ -1 +1 @@",
        "-README",
        String.raw`\ No newline at end of file`,
        "+new.txt",
        String.raw`\ No newline at end of file`,
        "diff --git a/new.txt b/new.txt",
        "new file mode 100644",
        "--- /dev/null",
        "+++ b/new.txt",
        "@@ -0,0 +1 @@",
        "+hello",
        "diff --git a/old name.py b/src/new name.py",
        "similarity index 100%",
        "rename from old name.py",
        "rename to src/new name.py",
        "diff --git a/src/train.py b/src/train.py",
        "--- a/src/train.py",
        "+++ b/src/train.py",
        "@@ -7,7 +7,7 @@",
        " line 6",
        " line 7",
        " line 8",
        "-line 9",
        "+changed",
        " line 10",
        " line 11",
        " line 12",
        "",
      ].join("\n"),
    );
  });

  test("shows by name which secrets came and went, and another silence", async () => {
    const own = BEFORE.own ?? {};
    here.serve(
      servingCode({
        12: { ...BEFORE, own: { ...own, secrets: ["HF_TOKEN", "OLD"] } },
        13: {
          ...BEFORE,
          own: { ...own, secrets: ["HF_TOKEN", "WANDB"] },
          job: { no_output_ms: 600_000 },
        },
      }),
    );
    const { stdout } = await here.ml("diff 12 13");
    expect(stdout).toBe('silence\n  + 10m\nsecrets\n  - "OLD"\n  + "WANDB"\n');
  });

  test("counts with --stat, and says what lines cannot", async () => {
    here.serve(servingCode({ 12: BEFORE, 13: AFTER }));
    const { stdout } = await here.ml("diff 12 13 --stat -- . src");
    expect(stdout.replaceAll(/ +$/gm, "")).toBe(
      [
        "CAME  WENT  FILE",
        "  +1    -1  README",
        "            bin/run          now executable",
        "            data.bin         binary, 3 B → 4 B",
        "        -1  gone.txt         gone",
        "  +1    -1  latest           link",
        "  +1        new.txt          new",
        "            src/new name.py  was old name.py",
        "  +1    -1  src/train.py",
        "8 files changed, +4 -4 lines",
        "",
      ].join("\n"),
    );
  });

  test("keeps to the paths named, leaves the rest of the job out, and tells of a path that neither has", async () => {
    here.serve(servingCode({ 12: BEFORE, 13: AFTER }));
    const { stdout, stderr } = await here.ml("diff 12 13 --stat -- ./src/ nowhere gone.txt");
    // Without its other side, a renamed file is a new one.
    expect(stdout.match(/^.*(?:src|gone).*$/gm)?.map((line) => line.trim())).toEqual([
      "-1  gone.txt         gone",
      "+1        src/new name.py  new",
      "+1    -1  src/train.py",
    ]);
    expect(stdout).not.toContain("LR=");
    expect(stderr).toBe(`Neither has "nowhere"; paths begin at the project's root.\n`);
  });

  test("gives one JSON value", async () => {
    here.serve(servingCode({ 12: BEFORE, 13: AFTER }));
    const value = JSON.parse((await here.ml("diff 12 13 --json")).stdout);
    expect(value.before).toMatchObject({ job_id: 12, name: "train", user: "alice" });
    expect(value.facts).toContainEqual({ name: "env", before: ["LR=0.1"], after: ["LR=0.2"] });
    expect(value.files).toHaveLength(8);
    expect(value.files[0]).toMatchObject({
      path: "README",
      change: "changed",
      added_lines: 1,
      removed_lines: 1,
      patch: expect.stringContaining("--- a/README\n+++ b/README\n"),
    });
    expect(value.files[2]).toMatchObject({
      path: "data.bin",
      without_lines: "binary",
      patch: null,
    });
    expect(value.files[6]).toMatchObject({
      change: "renamed",
      before: { path: "old name.py" },
      after: { path: "src/new name.py", size_bytes: 18, executable: false },
    });
    const stat = JSON.parse((await here.ml("diff 12 13 --json --stat")).stdout);
    expect(stat.files[0]).not.toHaveProperty("patch");
  });

  test("says that nothing differs, and asks for no content", async () => {
    const tree = { "a.txt": "a\n" };
    here.serve(servingCode({ 12: { tree }, 13: { tree } }));
    const { code, stdout, stderr } = await here.ml("diff 12 13");
    expect([code, stdout]).toEqual([0, ""]);
    expect(stderr).toBe("No difference between job 12 train and job 13 train.\n");
    const json = JSON.parse((await here.ml("diff 12 13 --json")).stdout);
    expect([json.facts, json.files]).toEqual([[], []]);
  });

  test("exits 6 for a job whose code one may not see, 2 for an attempt, and 2 without a job", async () => {
    const options = servingCode({ 12: BEFORE, 13: AFTER });
    const get = options.answers["job.get"];
    here.serve({
      ...options,
      answers: {
        "job.get": async (params, notify) => {
          if (get === undefined) throw new Error("no answer");
          const { private: _, ...seen } = await get(params, notify);
          return seen;
        },
      },
    });
    expect((await here.ml("diff 12 13")).code).toBe(6);
    expect((await here.ml("diff 12#1 13")).code).toBe(2);
    expect((await here.ml("diff")).code).toBe(2);
    const { code, stderr } = await here.ml("diff 12 13 src");
    expect([code, stderr]).toEqual([2, expect.stringContaining('Put paths after "--"')]);
  });
});

describe("ml diff JOB", () => {
  test("shows what has changed here since", async () => {
    here.serve(servingCode({ 12: { tree: { "a.txt": "a\n", "b.txt": "b\n" } } }));
    writeFileSync(join(here.bench.project, "a.txt"), "a\n");
    writeFileSync(join(here.bench.project, "b.txt"), "B\n");
    const { code, stdout } = await here.ml("diff 12");
    expect(code).toBe(0);
    expect(stdout).toContain("-b\n+B\n");
    expect(stdout).not.toContain("a.txt");
    writeFileSync(join(here.bench.project, "b.txt"), "b\n");
    expect((await here.ml("diff 12")).stderr).toContain("No difference between job 12 train and");
  });
});

describe("on a terminal", () => {
  const evil: CodeJob = {
    tree: {
      "a.txt": "plain\ta\r\n\u001B]0;title\u0007\u009B31m \u202Eevil\u0000\n".replace("\0", ""),
    },
  };

  async function screenOf(options = servingCode({ 12: { tree: {} }, 13: evil }), env = {}) {
    const { apiUrl } = here.serve(options);
    const ml = here.bench.onTerminal(["diff", "12", "13"], { apiUrl, env });
    expect(await ml.exited).toBe(0);
    await ml.shows("evil");
    return ml.screen;
  }

  test("colours what came and went, and shows control characters as text", async () => {
    const screen = await screenOf();
    expect(screen).toContain("\u001B[32m+plain\ta^M\u001B[39m");
    expect(screen).toContain("^[]0;title^G<U+009B>31m <U+202E>evil");
    for (const sign of ["\u001B]", "\u0007", "\u009B", "\u202E"])
      expect(screen).not.toContain(sign);
  });

  test("has no colours with NO_COLOR", async () => {
    expect(await screenOf(undefined, { NO_COLOR: "1" })).not.toContain("\u001B[32m");
  });

  test("in a pipe lines are the exact bytes, whatever their encoding", async () => {
    const latin = new Uint8Array([...Buffer.from("caf"), 0xe9, 0x0a]);
    const options = servingCode({ 12: { tree: {} }, 13: { tree: { "a.txt": latin } } });
    const { apiUrl } = here.serve(options);
    const child = here.bench.start(["diff", "12", "13"], { apiUrl });
    const bytes = new Uint8Array(await new Response(child.stdout).arrayBuffer());
    expect(Buffer.from(bytes).includes(Buffer.from([0x2b, ...latin]))).toBe(true);
  });
});
