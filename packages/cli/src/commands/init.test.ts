// Tests of `ml init`, as a process in a folder of its own.
import { describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { servedBench } from "../testing/served-bench.fixture.ts";

const here = servedBench();

describe("ml init", () => {
  test("writes an ml.toml that is valid TOML with one job", async () => {
    const { code, stdout } = await here.bench.ml(["init"]);
    const path = join(here.bench.project, "ml.toml");
    expect([code, stdout]).toEqual([0, `Wrote ${path}\n`]);
    const file: unknown = Bun.TOML.parse(readFileSync(path, "utf8"));
    expect(file).toEqual({
      project: { name: "project" },
      jobs: { "my-training-job": { command: "python3 train.py" } },
    });
  });

  test("never writes over a file", async () => {
    const path = join(here.bench.project, "ml.toml");
    writeFileSync(path, "mine");
    const { code, stderr } = await here.bench.ml(["init"]);
    expect(code).toBe(5);
    expect(stderr).toContain("It was left as it is");
    expect(readFileSync(path, "utf8")).toBe("mine");
  });
});
