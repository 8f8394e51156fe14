// Tests of `ml edit`, `ml hold` and `ml release`, as processes against a real socket.
import { describe, expect, test } from "bun:test";
import { FetchmlError } from "@fetchml/protocol";
import { sampleJob } from "../testing/samples.fixture.ts";
import { servedBench } from "../testing/served-bench.fixture.ts";

const here = servedBench();

describe("ml edit", () => {
  test("sends only what was asked for, in the units of the API", async () => {
    here.serve({ "job.edit": () => sampleJob({ gpus: 2 }) });
    const { code, stdout } = await here.ml("edit 12 --gpus 2 --mem 16G --timeout 1h30m --first");
    expect(code).toBe(0);
    expect(stdout).toBe("Changed 12 train: queued (resources), 2 GPUs, 4 CPUs\n");
    await here.ml("edit 12 --timeout none --begin now --retries 0 --cpus 8");
    expect(here.paramsOf("job.edit")).toEqual([
      { job: "12", gpus: 2, mem_bytes: 16 * 1024 ** 3, timeout_ms: 5_400_000, first: true },
      { job: "12", timeout_ms: null, begin_at: null, retries: 0, cpus: 8 },
    ]);
  });

  test("exits 2 with nothing to change and with values that cannot be", async () => {
    here.serve({});
    for (const options of [
      "",
      " --gpus two",
      " --gpus=-1",
      " --mem big",
      " --timeout 6",
      " --cpus 0",
    ]) {
      const { code, stderr } = await here.ml(`edit 12${options}`);
      expect(code).toBe(2);
      expect(stderr.trimEnd().split("\n").length).toBeLessThanOrEqual(3);
    }
    expect(here.server.calls).toEqual([]);
  });

  test("exits 5 for what the box could never run", async () => {
    here.serve({
      "job.edit": () => {
        throw new FetchmlError("impossible-request", "The box has 1 GPU, and 8 were asked for.");
      },
    });
    expect((await here.ml("edit 12 --gpus 8")).code).toBe(5);
  });
});

test("ml hold and ml release change a job and print it with --json", async () => {
  const held = sampleJob({ reason: "held" });
  here.serve({ "job.hold": () => held, "job.release": () => sampleJob() });
  expect((await here.ml("hold train")).stdout).toBe("Held 12 train\n");
  expect((await here.ml("release train")).stdout).toBe("Released 12 train\n");
  expect(JSON.parse((await here.ml("hold train --json")).stdout)).toEqual(held);
  expect(here.paramsOf("job.release")).toEqual([{ job: "train" }]);
});
