// Tests of `ml cancel`, as a process against a real socket.
import { describe, expect, test } from "bun:test";
import { FetchmlError } from "@fetchml/protocol";
import { sampleJob } from "../testing/samples.fixture.ts";
import { servedBench } from "../testing/served-bench.fixture.ts";

const here = servedBench();

describe("ml cancel", () => {
  test("cancels the jobs named and says what became of each", async () => {
    const jobs = [
      sampleJob({ state: "cancelled", reason: null }),
      sampleJob({ id: 13, name: "eval", state: "cancelling", reason: null }),
    ];
    here.serve({ "job.cancel": () => ({ jobs }) });
    const { code, stdout } = await here.ml("cancel train eval");
    expect(code).toBe(0);
    expect(stdout).toBe("Cancelled 12 train\nCancelling 13 eval: it has 15 s to save its work\n");
    expect(JSON.parse((await here.ml("cancel 12 --now --json")).stdout)).toEqual(jobs);
    expect(here.paramsOf("job.cancel")).toEqual([
      { jobs: ["train", "eval"] },
      { jobs: ["12"], now: true },
    ]);
  });

  test("cancels all mine with --all --yes", async () => {
    here.serve({ "job.cancel": () => ({ jobs: [] }) });
    const { code, stderr } = await here.ml("cancel --all --yes");
    expect([code, stderr]).toEqual([0, "You have no unfinished jobs.\n"]);
    expect(here.paramsOf("job.cancel")).toEqual([{ all: true }]);
  });

  test("says how many there were when the answer lists only the first", async () => {
    const jobs = [sampleJob({ state: "cancelled", reason: null })];
    here.serve({ "job.cancel": () => ({ jobs, cancelled_count: 20_000 }) });
    const all = await here.ml("cancel --all --yes");
    expect(all.stdout).toBe("Cancelled 12 train\n");
    expect(all.stderr).toBe("Cancelled 20000 jobs. Shown: the first 1.\n");
    const json = await here.ml("cancel --all --yes --json");
    expect(JSON.parse(json.stdout)).toEqual(jobs);
    expect(json.stderr).toContain("20000");
  });

  test("cancels nothing with --all where nobody can be asked", async () => {
    here.serve({});
    const { code, stderr } = await here.ml("cancel --all");
    expect(code).toBe(2);
    expect(stderr).toContain('"ml cancel --all --yes"');
    expect(here.server.calls).toEqual([]);
  });

  test("exits 2 without a job, with a job beside --all, and for an attempt", async () => {
    here.serve({});
    for (const line of ["cancel", "cancel 12 --all", "cancel 12#2"]) {
      expect((await here.ml(line)).code).toBe(2);
    }
    expect(here.server.calls).toEqual([]);
  });

  test("exits with the code of the server's refusal", async () => {
    here.serve({
      "job.cancel": () => {
        throw new FetchmlError("not-allowed", "Job 12 belongs to bob.");
      },
    });
    expect((await here.ml("cancel 12")).code).toBe(3);
  });
});
