// Tests of pickNext(), neverFits() and possibleJobs() by example.
import { describe, expect, test } from "bun:test";
import { freeBox, queuedJob } from "./pick-next.fixture.ts";
import { neverFits, pickNext, possibleJobs } from "./pick-next.ts";

const startedIds = (...args: Parameters<typeof pickNext>) =>
  pickNext(...args).starts.map(({ id }) => id);

describe("pickNext() keeps the order of the queue and", () => {
  test("starts all that fits, first come first served", () => {
    expect(startedIds([queuedJob(7), queuedJob(3), queuedJob(5)], freeBox())).toEqual([7, 3, 5]);
  });

  test("starts nothing where nothing is queued", () => {
    expect(pickNext([], freeBox())).toEqual({ starts: [], waits: [] });
  });

  test("starts a job that takes exactly what is left", () => {
    const all = queuedJob(1, { cpus: 8, mem_bytes: 100, gpus: 4 });
    expect(startedIds([all], freeBox())).toEqual([1]);
  });

  test("hands out each GPU once, in the order given", () => {
    const { starts } = pickNext([queuedJob(1, { gpus: 1 }), queuedJob(2, { gpus: 2 })], freeBox());
    expect(starts).toEqual([
      { id: 1, gpu_uuids: ["A"] },
      { id: 2, gpu_uuids: ["B", "C"] },
    ]);
  });

  test("leaves the list of free GPUs as it was", () => {
    const gpu_uuids = ["A", "B"];
    pickNext([queuedJob(1, { gpus: 2 })], freeBox({ gpu_uuids }));
    expect(gpu_uuids).toEqual(["A", "B"]);
  });
});

describe("pickNext() lets a job pass an older one", () => {
  const wantsGpu = queuedJob(1, { gpus: 1 });
  const wantsMemory = queuedJob(1, { mem_bytes: 50 });
  const noGpu = freeBox({ gpu_uuids: [] });

  test("that waits for a GPU when it uses none", () => {
    expect(startedIds([wantsGpu, queuedJob(2, { mem_bytes: 100 })], noGpu)).toEqual([2]);
  });

  test("that waits for memory when it uses none", () => {
    const jobs = [wantsMemory, queuedJob(2, { gpus: 4 })];
    expect(startedIds(jobs, freeBox({ mem_bytes: 49 }))).toEqual([2]);
  });

  test("not when both want a GPU, though there are enough for the younger", () => {
    const jobs = [queuedJob(1, { gpus: 2 }), queuedJob(2, { gpus: 1 })];
    const picks = pickNext(jobs, freeBox({ gpu_uuids: ["A"] }), true);
    expect(picks.starts).toEqual([]);
    expect(picks.waits).toEqual([
      { id: 1, short_of: ["gpus"], behind: null },
      { id: 2, short_of: [], behind: 1 },
    ]);
  });

  test("not when both want memory, though there is enough for the younger", () => {
    const jobs = [wantsMemory, queuedJob(2, { mem_bytes: 1 })];
    expect(startedIds(jobs, freeBox({ mem_bytes: 49 }), true)).toEqual([]);
  });

  test("never when the older one waits for CPUs, which every job uses", () => {
    const jobs = [queuedJob(1, { cpus: 8 }), queuedJob(2)];
    expect(startedIds(jobs, freeBox({ cpus: 7 }), true)).toEqual([]);
  });

  test("also when a third one waits between them for the same GPU", () => {
    const jobs = [queuedJob(1, { gpus: 2 }), queuedJob(2, { gpus: 1 }), queuedJob(3)];
    expect(startedIds(jobs, freeBox({ gpu_uuids: ["A"] }))).toEqual([3]);
  });

  test("not when that one waits behind another for what it wants", () => {
    const jobs = [
      queuedJob(1, { gpus: 2, mem_bytes: 60 }),
      queuedJob(2, { mem_bytes: 41 }),
      queuedJob(3, { mem_bytes: 40 }),
    ];
    expect(startedIds(jobs, freeBox({ gpu_uuids: ["A"] }), true)).toEqual([]);
  });
});

describe("pickNext() keeps for the first waiting job", () => {
  const wantsBoth = queuedJob(1, { gpus: 1, mem_bytes: 60 });

  test("the memory it needs while it waits for a GPU", () => {
    const noGpu = freeBox({ gpu_uuids: [] });
    expect(startedIds([wantsBoth, queuedJob(2, { mem_bytes: 40 })], noGpu)).toEqual([2]);
    expect(pickNext([wantsBoth, queuedJob(2, { mem_bytes: 41 })], noGpu, true).waits).toEqual([
      { id: 1, short_of: ["gpus"], behind: null },
      { id: 2, short_of: [], behind: 1 },
    ]);
  });

  test("the GPUs it needs while it waits for memory", () => {
    const little = freeBox({ mem_bytes: 59, gpu_uuids: ["A", "B"] });
    expect(startedIds([wantsBoth, queuedJob(2, { gpus: 1 })], little)).toEqual([2]);
    expect(startedIds([wantsBoth, queuedJob(2, { gpus: 2 })], little)).toEqual([]);
  });

  test("its share, whoever waits behind it", () => {
    const jobs = [wantsBoth, queuedJob(2, { gpus: 1 }), queuedJob(3, { mem_bytes: 41 })];
    expect(startedIds(jobs, freeBox({ gpu_uuids: [] }), true)).toEqual([]);
  });

  test("nothing when it starts", () => {
    const jobs = [wantsBoth, queuedJob(2, { gpus: 3, mem_bytes: 40 })];
    expect(startedIds(jobs, freeBox())).toEqual([1, 2]);
  });
});

describe("pickNext() says why a job waits:", () => {
  test("all it is short of, at once", () => {
    const greedy = queuedJob(1, { cpus: 9, mem_bytes: 101, gpus: 5 });
    expect(pickNext([greedy], freeBox()).waits).toEqual([
      { id: 1, short_of: ["cpus", "mem", "gpus"], behind: null },
    ]);
  });

  test("short of one thing and behind another job for a second", () => {
    const jobs = [queuedJob(1, { gpus: 2 }), queuedJob(2, { gpus: 1, mem_bytes: 101 })];
    const { waits } = pickNext(jobs, freeBox({ gpu_uuids: ["A"] }));
    expect(waits[1]).toEqual({ id: 2, short_of: ["mem"], behind: 1 });
  });

  test("no further than the job that closes the way, and to the end when asked", () => {
    const jobs = [queuedJob(1, { cpus: 9 }), queuedJob(2), queuedJob(3)];
    expect(pickNext(jobs, freeBox()).waits.map(({ id }) => id)).toEqual([1]);
    expect(pickNext(jobs, freeBox(), true).waits.map(({ id }) => id)).toEqual([1, 2, 3]);
  });

  test("and reads no further either", () => {
    let read = 0;
    function* endless() {
      for (;;) yield queuedJob((read += 1), { cpus: 5 });
    }
    expect(startedIds(endless(), freeBox())).toEqual([1]);
    expect(read).toBe(2);
  });
});

describe("neverFits()", () => {
  const total = { cpus: 4, mem_bytes: 10, gpus: 1 };

  test("names everything of which the box has too little", () => {
    expect(neverFits({ cpus: 5, mem_bytes: 11, gpus: 2 }, total)).toEqual(["cpus", "mem", "gpus"]);
    expect(neverFits({ cpus: 1, mem_bytes: 11, gpus: 0 }, total)).toEqual(["mem"]);
  });

  test("names nothing when the idle box could run it", () => {
    expect(neverFits({ cpus: 4, mem_bytes: 10, gpus: 1 }, total)).toEqual([]);
  });
});

describe("possibleJobs()", () => {
  test("leaves out a job that asks for more GPUs than exist, so that it blocks nobody", () => {
    const jobs = [queuedJob(1, { gpus: 5 }), queuedJob(2, { gpus: 4 })];
    const possible = possibleJobs(jobs, { cpus: 8, mem_bytes: 100, gpus: 4 });
    expect(startedIds(possible, freeBox())).toEqual([2]);
  });
});
