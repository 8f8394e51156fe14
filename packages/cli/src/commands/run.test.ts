// Tests of `ml run`, as a process with a project of its own against a real socket.
import { describe, expect, test } from "bun:test";
import type { Job } from "@fetchml/protocol";
import type { Answers } from "../testing/rpc-server.fixture.ts";
import { endedJob, sampleJob } from "../testing/samples.fixture.ts";
import { servedBench } from "../testing/served-bench.fixture.ts";

const here = servedBench();

const RUNNING = sampleJob({ state: "running", reason: null });

function queued(): Answers {
  return {
    "job.submit": () => ({ job: sampleJob(), ahead: 1 }),
    "job.why": () => ({
      job: sampleJob(),
      lines: ["It waits for 1 GPU, which job 11 has."],
      behind: [11],
      log_tail: null,
    }),
  };
}

/** A server whose job writes one line and ends so. */
function playing(end: Job): Answers {
  return {
    ...queued(),
    "log.subscribe": (_params, notify) => {
      setTimeout(() => {
        const place = { job_id: 12, attempt: 1, offset: 0, next_offset: 6 };
        const data = { ...place, bytes: { text: "hello\n" }, complete: false };
        notify("log.data", { subscription: 1, ...data });
        notify("log.end", { subscription: 1, job: end, next_offset: 6 });
      }, 50);
      return { subscription: 1, job: RUNNING, attempt: 1, offset: 0 };
    },
  };
}

describe("ml run", () => {
  test("submits, says what it waits for, follows, and ends with the job's code", async () => {
    here.serve(playing(endedJob(3)));
    const { code, stdout, stderr } = await here.ml("run train -- true");
    expect([code, stdout]).toEqual([3, "hello\n"]);
    expect(stderr).toStartWith("Queued 12 train (1 ahead)\n");
    expect(stderr).toContain("It waits for 1 GPU, which job 11 has.\n");
    expect(stderr).toEndWith('Job 12 train failed: exited with code 3. "ml why 12" tells more.\n');
  });

  test("keeps standard output for one JSON value with --json", async () => {
    here.serve(playing(endedJob(0)));
    const { code, stdout, stderr } = await here.ml("run train --json -- true");
    expect([code, JSON.parse(stdout)]).toEqual([0, endedJob(0)]);
    expect(stderr).toContain("hello\n");
  });

  test("leaves the job alone on Ctrl-C and prints how to follow and to cancel it", async () => {
    const { promise: isFollowing, resolve } = Promise.withResolvers<void>();
    const { apiUrl } = here.serve({
      ...queued(),
      "log.subscribe": () => {
        setImmediate(resolve);
        return { subscription: 1, job: RUNNING, attempt: 1, offset: 0 };
      },
    });
    const child = here.bench.start(["run", "train", "--", "true"], { apiUrl });
    await isFollowing;
    child.kill("SIGINT");
    expect(await child.exited).toBe(130);
    const stderr = await child.stderr.text();
    expect(stderr).toContain('"ml logs -f 12"');
    expect(stderr).toContain("ml cancel 12");
    expect(here.paramsOf("job.cancel")).toEqual([]);
  });

  test("exits 4 before the job is queued when there is no server", async () => {
    const apiUrl = "ws://127.0.0.1:1/ws";
    expect((await here.ml("run train -- true", { apiUrl })).code).toBe(4);
  });

  test("exits 125 when the key ends while it follows", async () => {
    const server = here.serve({
      ...queued(),
      "log.subscribe": () => {
        setImmediate(() => server.refuse());
        return { subscription: 1, job: RUNNING, attempt: 1, offset: 0 };
      },
    });
    const { code, stderr } = await here.ml("run train -- true");
    expect(code).toBe(125);
    expect(stderr).toContain("key");
  });
});
