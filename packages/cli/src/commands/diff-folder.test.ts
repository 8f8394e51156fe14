// Tests of `ml diff JOB` in folders that could not be sent: nothing is sent, so what can be compared is.
import { describe, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { servingCode } from "../testing/job-code.fixture.ts";
import { VALID_KEY } from "../testing/samples.fixture.ts";
import { servedBench } from "../testing/served-bench.fixture.ts";

const here = servedBench();

function put(path: string, content = ""): string {
  const absolute = join(here.bench.project, path);
  mkdirSync(dirname(absolute), { recursive: true });
  writeFileSync(absolute, content);
  return absolute;
}

const TREE = { "a.txt": "a\n", "pipe/x": "x\n", "config.toml": "key\n" };

describe("ml diff JOB compares", () => {
  test("all but a pipe, a key and a name that no job can have, which it names", async () => {
    here.serve(servingCode({ 12: { tree: TREE } }));
    put("a.txt", "A\n");
    put("config.toml", VALID_KEY);
    put("back\\slash");
    Bun.spawnSync(["mkfifo", join(here.bench.project, "pipe")]);
    const { code, stdout, stderr } = await here.ml("diff 12");
    expect(code).toBe(0);
    expect(stderr).toBe(
      'Not compared: "back\\slash", which holds a backslash; nor "pipe", "config.toml".\n',
    );
    // What is not compared is not said to have gone either.
    expect(stdout.match(/^diff .*/gm)).toEqual(["diff --git a/a.txt b/a.txt"]);
    expect(stdout + stderr).not.toContain(VALID_KEY);
  });

  test("links that lead out as links, and files over the limits, and secrets", async () => {
    const tree = { "a.txt": "a\n", ".env": "TOKEN=1\n" };
    here.serve(servingCode({ 12: { tree } }));
    put("ml.toml", '[project]\nmax_files = 2\nmax_size = "1K"\nmax_file_size = "1K"\n');
    put("a.txt", "a\n");
    put(".env", "TOKEN=2\n");
    truncateSync(put("large.bin"), 51 * 1024 ** 2);
    symlinkSync("/data/imagenet", join(here.bench.project, "imagenet"));
    const { code, stdout, stderr } = await here.ml("diff 12");
    expect([code, stderr]).toEqual([
      0,
      'Not compared line by line, being over 8 MiB: "large.bin".\n',
    ]);
    expect(stdout).toContain("+/data/imagenet\n");
    expect(stdout).toContain("-TOKEN=1\n+TOKEN=2\n");
    expect(stdout).not.toContain("a.txt");
  });

  test("without making a later ml queue believe that the folder may be sent", async () => {
    here.serve(servingCode({ 12: { tree: TREE } }));
    put("a.txt", "a\n");
    Bun.spawnSync(["mkfifo", join(here.bench.project, "pipe")]);
    expect((await here.ml("diff 12")).code).toBe(0);
    const cache = join(here.bench.home, ".cache", "ml");
    expect(existsSync(cache) ? readdirSync(cache) : []).toEqual([]);
    expect((await here.ml("queue train -- true")).code).toBe(2);
  });
});

describe("ml diff JOB refuses", () => {
  test("the home folder, in words of its own", async () => {
    here.serve(servingCode({ 12: { tree: TREE } }));
    const { code, stderr } = await here.ml("diff 12", { cwd: here.bench.home });
    expect(code).toBe(2);
    expect(stderr).toContain("it is your home folder, and all of it would be read.\nGo to");
    expect(stderr).not.toContain("sen");
  });
});

describe("paths of ml diff JOB", () => {
  test("begin at the folder that one is in", async () => {
    here.serve(servingCode({ 12: { tree: { "a.py": "a\n", "sub/a.py": "a\n", "b.py": "b\n" } } }));
    put("ml.toml");
    for (const path of ["a.py", "b.py", "sub/a.py"]) put(path, "new\n");
    const changed = async (line: string) => {
      const { stdout, stderr } = await here.ml(line, { cwd: join(here.bench.project, "sub") });
      return [[...(stdout.match(/(?<=^diff --git a\/)\S+/gm) ?? [])], stderr];
    };
    expect(await changed("diff 12 -- a.py ../b.py")).toEqual([["b.py", "sub/a.py"], ""]);
    expect(await changed("diff 12 -- .")).toEqual([["sub/a.py"], ""]);
    const all = ["a.py", "b.py", "ml.toml", "sub/a.py"];
    expect((await changed("diff 12"))[0]).toEqual(all);
    expect((await changed("diff 12 -- .."))[0]).toEqual(all);
    expect((await changed("diff 12 -- sub/a.py"))[1]).toStartWith(
      'Neither has "sub/sub/a.py"; paths begin at the folder that you are in.\n',
    );
  });
});
