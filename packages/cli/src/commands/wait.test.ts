// Tests of `ml wait`, as a process against a real socket.
import { describe, expect, test } from "bun:test";
import { FetchmlError } from "@fetchml/protocol";
import { endedJob, sampleJob } from "../testing/samples.fixture.ts";
import { servedBench } from "../testing/served-bench.fixture.ts";

const here = servedBench();

describe("ml wait", () => {
  test("ends with the first code that is not 0, in the order of the arguments", async () => {
    here.serve({
      "job.subscribe": (_params, notify) => {
        setImmediate(() => {
          notify("job.changed", { subscription: 1, job: endedJob(5, { id: 3 }) });
          notify("job.changed", { subscription: 1, job: endedJob(4, { id: 2 }) });
        });
        return {
          subscription: 1,
          jobs: [endedJob(0, { id: 1 }), sampleJob({ id: 2 }), sampleJob({ id: 3 })],
        };
      },
      "subscription.end": () => ({ ended: true }),
    });
    const { code, stdout } = await here.ml("wait 1 2 3");
    expect(code).toBe(4);
    expect(stdout).toStartWith("Job 1 train succeeded.\nJob 2 train failed");
    const json = await here.ml("wait 1 2 3 --json");
    expect(JSON.parse(json.stdout)).toMatchObject([{ id: 1 }, { id: 2 }, { id: 3 }]);
  });

  test("exits 0 when all went well", async () => {
    here.serve({
      "job.subscribe": () => ({ subscription: 1, jobs: [endedJob(0)] }),
      "subscription.end": () => ({ ended: true }),
    });
    expect((await here.ml("wait train")).code).toBe(0);
  });

  test("exits 6 for a job that does not exist", async () => {
    here.serve({
      "job.subscribe": () => {
        throw new FetchmlError("job-not-found", "There is no job 99.");
      },
    });
    expect((await here.ml("wait 99")).code).toBe(6);
  });

  test("leaves the jobs alone on Ctrl-C", async () => {
    const { promise: isWaiting, resolve } = Promise.withResolvers<void>();
    here.serve({
      "job.subscribe": () => {
        setImmediate(resolve);
        return { subscription: 1, jobs: [sampleJob()] };
      },
    });
    const child = here.bench.start(["wait", "12"], { apiUrl: here.server.apiUrl });
    await isWaiting;
    child.kill("SIGINT");
    expect(await child.exited).toBe(130);
    expect(await child.stderr.text()).toContain('"ml wait 12" waits again');
  });
});
