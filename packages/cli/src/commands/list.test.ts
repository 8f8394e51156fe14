// Tests of `ml list`, as a process against a real socket.
import { describe, expect, test } from "bun:test";
import { parseBegin } from "../args/moment.ts";
import { endedJob, sampleJob } from "../testing/samples.fixture.ts";
import { servedBench } from "../testing/served-bench.fixture.ts";

const here = servedBench();

describe("ml list", () => {
  test("prints a table, and the jobs themselves with --json", async () => {
    const jobs = [endedJob(3, { id: 13, name: "日本-train" }), sampleJob()];
    here.serve({ "job.list": () => ({ jobs, next_before_id: null }) });
    const { code, stdout } = await here.ml("list --all");
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^13 {2}日本-train {2}alice {2}failed \(exit 3\) +1 GPU, 4 CPUs +1m 05s/m,
    );
    // Wide letters take two columns: what follows stands below what follows.
    expect(stdout).toMatch(/^12 {2}train {7}alice/m);
    expect(JSON.parse((await here.ml("list --json")).stdout)).toEqual(jobs);
  });

  test("hands its filters to the server", async () => {
    here.serve({ "job.list": () => ({ jobs: [], next_before_id: null }) });
    await here.ml("list --everyone --user bob --state running,failed --state lost --limit 7");
    await here.ml("list --since 2026-11-01");
    expect(here.paramsOf("job.list")).toEqual([
      {
        all: true,
        everyone: true,
        user: "bob",
        states: ["running", "failed", "lost"],
        limit: 7,
      },
      { all: false, everyone: false, since: parseBegin("2026-11-01", 0), limit: 100 },
    ]);
  });

  test("asks for page after page up to the limit", async () => {
    here.serve({
      "job.list": ({ limit = 0, before_id = 3000 }) => {
        const jobs = Array.from({ length: limit }, (_, index) =>
          sampleJob({ id: before_id - 1 - index }),
        );
        return { jobs, next_before_id: before_id - limit };
      },
    });
    const { stdout, stderr } = await here.ml("list --limit 1500 --json");
    const jobs: readonly { readonly id: number }[] = JSON.parse(stdout);
    const ids = jobs.map(({ id }) => id);
    expect(ids).toEqual(Array.from({ length: 1500 }, (_, index) => 2999 - index));
    expect(stderr).toContain("Only the newest 1500 are shown");
    expect(here.paramsOf("job.list")).toHaveLength(2);
  });

  test("says where ended jobs are when there are no others", async () => {
    here.serve({ "job.list": () => ({ jobs: [], next_before_id: null }) });
    const { code, stdout, stderr } = await here.ml("list");
    expect(code).toBe(0);
    expect(stdout).toBe("");
    expect(stderr).toContain('"ml list --all"');
    expect((await here.ml("list --json")).stdout).toBe("[]\n");
  });

  test("exits 2 for what is no state, no time and no number", async () => {
    here.serve({});
    const state = await here.ml("list --state runing");
    expect(state.code).toBe(2);
    expect(state.stderr).toContain('Did you mean "running"?');
    expect((await here.ml("list --since sometime")).code).toBe(2);
    expect((await here.ml("list --limit 0")).code).toBe(2);
    expect(here.server.calls).toEqual([]);
  });
});
