// Tests of `ml code`, as a process against a real socket.
import { describe, expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { servingCode, type CodeJob } from "../testing/job-code.fixture.ts";
import { servedBench } from "../testing/served-bench.fixture.ts";

const here = servedBench();

const JOB: CodeJob = {
  tree: { "a.txt": "a\n", "run.sh": { exec: "#!/bin/sh\n" }, link: { link: "a.txt" } },
};

const out = () => join(here.bench.project, "out");

describe("ml code", () => {
  test("writes the code and says what it wrote, into a folder that it makes", async () => {
    here.serve(servingCode({ 12: JOB }));
    const { code, stdout, stderr } = await here.ml("code 12 -o deep/out");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toBe("Code of job 12 train in deep/out: 2 files (12 B) and 1 link\n");
    expect(readFileSync(join(here.bench.project, "deep/out/link"), "utf8")).toBe("a\n");
    const again = await here.ml("code 12 -o deep/out");
    expect(again.stdout).toEndWith(", all of them there before\n");
  });

  test("gives one JSON value", async () => {
    here.serve(servingCode({ 12: JOB }));
    const { stdout } = await here.ml("code 12 -o out --json");
    expect(JSON.parse(stdout)).toEqual({
      job_id: 12,
      snapshot: expect.stringMatching(/^[0-9a-f]{64}$/),
      folder: "out",
      entries: 3,
      links: 1,
      total_bytes: 12,
      ready: 0,
      left_alone: [],
    });
  });

  test("exits 2 where something else is in the folder, and writes over it with --force alone", async () => {
    here.serve(servingCode({ 12: JOB }));
    mkdirSync(out());
    writeFileSync(join(out(), "a.txt"), "mine");
    writeFileSync(join(out(), "notes\u001B[2J.txt"), "mine");
    const refused = await here.ml("code 12 -o out");
    expect([refused.code, refused.stdout]).toEqual([2, ""]);
    expect(refused.stderr).toContain('"a.txt"');
    expect(refused.stderr).not.toContain("\u001B");
    expect(readdirSync(out()).length).toBe(2);
    const forced = await here.ml("code 12 -o out --force");
    expect(forced.code).toBe(0);
    expect(forced.stderr).toStartWith("Not of that code, left alone: ");
    expect(forced.stderr).not.toContain("\u001B");
    expect(readFileSync(join(out(), "a.txt"), "utf8")).toBe("a\n");
  });

  test("exits 2 without a folder, with an attempt, and 6 for a job that one may not see", async () => {
    here.serve(servingCode({ 12: JOB }));
    const { code, stderr } = await here.ml("code 12");
    expect([code, stderr]).toEqual([2, "Say where to write the code: ml code 12 -o DIR\n"]);
    expect((await here.ml("code 12#1 -o out")).code).toBe(2);
    expect((await here.ml("code 13 -o out")).code).toBe(6);
  });

  test("shows a bar on a terminal and takes it away", async () => {
    const { apiUrl } = here.serve(
      servingCode({ 12: { tree: { "a.bin": "x".repeat(3_000_000) } } }),
    );
    const ml = here.bench.onTerminal(["code", "12", "-o", "out"], { apiUrl });
    expect(await ml.exited).toBe(0);
    await ml.shows("Code of job 12 train in out: 1 file (");
    expect(ml.screen).toContain("Fetching [");
    expect(ml.screen).toContain("\r\u001B[K");
  });
});
