// Tests of reading ml.toml.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import { DEFAULT_LIMITS, limitsOf } from "./limits.ts";
import { makeProject, type ProjectUnderTest } from "./project.fixture.ts";
import { readProjectFile } from "./project-file.ts";

let at: ProjectUnderTest;
let path: string;
beforeEach(() => {
  at = makeProject();
  path = join(at.root, "ml.toml");
});
afterEach(() => at[Symbol.dispose]());

function read(text: string | Uint8Array) {
  at.write("ml.toml", text);
  return readProjectFile(path);
}

function problemOf(text: string | Uint8Array): string {
  try {
    read(text);
  } catch (error) {
    if (!(error instanceof FetchmlError)) throw error;
    expect(error.code).toBe("bad-file");
    expect(error.message).toContain(path);
    expect(error.message.split("\n").length).toBeLessThanOrEqual(3);
    return error.message;
  }
  throw new Error(`taken: ${String(text)}`);
}

describe("readProjectFile()", () => {
  test("reads the example of the documentation", () => {
    const file = read(`[project]
name = "digits"
ignore = ["data/raw/"]                     # beside .gitignore and .mlignore
setup = "uv sync"
setup_key = ["uv.lock"]

[jobs.my-training-job]
command = "python3 train.py --epochs 5"    # a string runs through sh -c
gpus = 1
timeout = "6h"
retries = 1
retry_on = ["lost", "timed-out"]
env = { PYTHONUNBUFFERED = "1" }
no_output = "30m"
mounts = ["/data"]
secrets = ["HF_TOKEN"]
`);
    expect(file).toEqual({
      path,
      name: "digits",
      ignore: ["data/raw/"],
      max_size_bytes: null,
      max_file_size_bytes: null,
      max_files: null,
      setup: "uv sync",
      setup_key: ["uv.lock"],
      jobs: new Map([
        [
          "my-training-job",
          {
            command: "python3 train.py --epochs 5",
            gpus: 1,
            cpus: null,
            mem_bytes: null,
            timeout_ms: 21_600_000,
            no_output_ms: 1_800_000,
            retries: 1,
            retry_on: ["lost", "timed-out"],
            env: { PYTHONUNBUFFERED: "1" },
            mounts: ["/data"],
            secrets: ["HF_TOKEN"],
          },
        ],
      ]),
      warnings: [],
    });
  });

  test("takes an empty file, a byte order mark and Windows line ends", () => {
    expect(read("").jobs.size).toBe(0);
    const file = read(
      `\ufeff[jobs.a]\r\ncommand = ["sh", "-c", "", "x"]\r\nmem = "16G"\r\ncpus = 4\r\n`,
    );
    expect(file.jobs.get("a")).toMatchObject({
      command: ["sh", "-c", "", "x"],
      mem_bytes: 16 * 1024 ** 3,
      cpus: 4,
    });
  });

  test("reads limits of what is sent", () => {
    const file = read(`[project]\nmax_size = "1G"\nmax_file_size = "0.5G"\nmax_files = 100000\n`);
    expect(file).toMatchObject({
      max_size_bytes: 1024 ** 3,
      max_file_size_bytes: 512 * 1024 ** 2,
      max_files: 100_000,
      warnings: [],
    });
    expect(limitsOf(file)).toEqual({
      totalBytes: 1024 ** 3,
      fileBytes: 512 * 1024 ** 2,
      fileCount: 100_000,
    });
    expect(limitsOf(read(""))).toEqual(DEFAULT_LIMITS);
  });

  test("warns of keys that it does not know, with their line", () => {
    const file = read(
      `server = "x"\n[project]\nnamme = "a"\n[jobs.a]\ncommand = "x"\ntimout = "6h"\n`,
    );
    expect(file.warnings).toEqual([
      `${path}, line 1: server is not known and has no effect.`,
      `${path}, line 3: project.namme is not known and has no effect.`,
      `${path}, line 6: jobs.a.timout is not known and has no effect.`,
    ]);
  });

  test("names file, line and key of every wrong value", () => {
    const cases: Readonly<Record<string, string>> = {
      "[jobs.a]\ngpus = -1": "line 2: jobs.a.gpus must be a whole number from 0 to 1024",
      "[jobs.a]\ngpus = 1.5": "line 2: jobs.a.gpus",
      '[jobs.a]\ngpus = "1"': "line 2: jobs.a.gpus",
      "[jobs.a]\ncpus = 0": "line 2: jobs.a.cpus",
      "[jobs.a]\nretries = 1001": "line 2: jobs.a.retries",
      '[jobs.a]\nretry_on = ["failed"]': "line 2: jobs.a.retry_on must be a list of exited, lost",
      "[jobs.a]\ntimeout = 6":
        'line 2: jobs.a.timeout must be a length of time with a unit, at least 1s, such as "6h"',
      '[jobs.a]\ntimeout = "soon"': "line 2: jobs.a.timeout",
      '[jobs.a]\ntimeout = "500ms"': "line 2: jobs.a.timeout",
      '[jobs.a]\nmem = "16"':
        'line 2: jobs.a.mem must be a size with a unit, at least 1M, such as "16G"',
      "[jobs.a]\ncommand = []": "line 2: jobs.a.command",
      '[jobs.a]\ncommand = ["", "x"]': "line 2: jobs.a.command",
      '[jobs.a]\ncommand = "  "': "line 2: jobs.a.command",
      '[jobs.a]\ncommand = "a\\u0000b"': "line 2: jobs.a.command may hold no NUL",
      '[jobs.a]\nenv = { "1X" = "y" }': "line 2: jobs.a.env.1X is no name for a variable",
      "[jobs.a]\nenv = { X = 1 }": "line 2: jobs.a.env.X must be a text in quotes",
      "[jobs.a.env]\n\nX = true": "line 3: jobs.a.env.X",
      '[jobs.a]\nmounts = ["data"]': "line 2: jobs.a.mounts must be a list of absolute paths",
      '[jobs]\na = "python3"': "line 2: jobs.a must be a table",
      "jobs = 1": "line 1: jobs must be a table",
      '[project]\nignore = "data/"': "line 2: project.ignore must be a list of texts",
      '[project]\nignore = ["a\\nb"]': "line 2: project.ignore may hold no line break",
      "[project]\nname = 2026-01-01": "line 2: project.name",
      "[project]\nmax_size = 200":
        'line 2: project.max_size must be a size with a unit, at least 1K, such as "200M" or "1G"',
      '[project]\nmax_file_size = "lots"': "line 2: project.max_file_size must be a size",
      "[project]\nmax_files = 0": "line 2: project.max_files must be a whole number from 1",
      '[jobs.list]\ncommand = "x"':
        "line 1: jobs.list cannot be a job: its name is a reserved word",
      '[jobs."a b"]\ncommand = "x"': 'line 1: jobs."a b" cannot be a job',
      '[jobs."12"]\ncommand = "x"': "line 1: jobs.12 cannot be a job: its name is all digits",
      "[jobs.__proto__]\ngpus = 1": "jobs.__proto__ cannot be a job",
    };
    for (const [text, problem] of Object.entries(cases)) expect(problemOf(text)).toContain(problem);
  });

  test("shows no value, since one may be a secret", () => {
    expect(problemOf('[jobs.a]\nenv = { TOKEN = "hunter2')).not.toContain("hunter2");
    expect(problemOf('[jobs.a]\ntimeout = "hunter2"')).not.toContain("hunter2");
  });

  test("says where a text is not TOML", () => {
    expect(problemOf('[jobs.a]\ncommand = "x\n')).toContain("line 2, column");
    expect(problemOf("[jobs.a]\n[jobs.a]\n")).toContain("line 2, column");
    expect(problemOf("= 1")).toContain("line 1, column 1");
  });

  test("refuses what is no text file, and does not wait for a pipe", () => {
    expect(problemOf(new Uint8Array([0xff, 0xfe, 0x5b, 0x00]))).toContain("UTF-16");
    expect(problemOf(new Uint8Array([0x5b, 0xe9]))).toContain("not UTF-8");
    expect(problemOf("#".repeat(1024 ** 2 + 1))).toContain("larger than 1 MiB");
    const pipe = join(at.root, "pipe");
    Bun.spawnSync(["mkfifo", pipe]);
    expect(() => readProjectFile(pipe)).toThrow("it is not a file");
    expect(() => readProjectFile(at.root)).toThrow("it is not a file");
    expect(() => readProjectFile(join(at.root, "gone"))).toThrow("ENOENT");
  });
});
