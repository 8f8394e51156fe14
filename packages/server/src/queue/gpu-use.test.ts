// GPUs that processes outside FetchML use are given to no job, and jobs are told so.
import { afterEach, expect, test } from "bun:test";
import type { GpuUse } from "../domain/gpu-use.ts";
import { claimJobs } from "./claim.ts";
import type { QueueContext } from "./context.ts";
import { needs, openTestQueue } from "./queue.fixture.ts";
import { explainJob } from "./why.ts";

const queue = openTestQueue();
afterEach(() => queue.close());

test("a GPU in use by others is given to no job, the job is told by whom, and gets it when it is free", async () => {
  let use: GpuUse = new Map([
    ["A", [{ pid: 812, user: "bob", name: "python3", memory_bytes: 3 * 2 ** 30 }]],
    ["B", [{ pid: 4_000_000, user: null, name: null, memory_bytes: null }]],
  ]);
  const ctx: QueueContext = { ...queue, gpuUse: () => use };
  const alice = await queue.addUser("alice");
  await queue.submit(alice, needs({ gpus: 1 }));
  await queue.submit(alice, needs({ gpus: 2 }));
  const [first, ...more] = await claimJobs(ctx);
  expect([first?.gpuUuids, more]).toEqual([["C"], []]);
  const { lines } = await explainJob(ctx, alice, "2");
  expect(lines).toContain(
    "GPU A is used outside FetchML, by process 812 (python3, bob, 3 GiB): no job gets it meanwhile.",
  );
  expect(lines).toContain(
    "GPU B is used outside FetchML, by process 4000000: no job gets it meanwhile.",
  );
  use = new Map();
  expect((await claimJobs(ctx)).map(({ gpuUuids }) => gpuUuids)).toEqual([["A", "B"]]);
});
