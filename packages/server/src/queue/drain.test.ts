// Tests of taking the box or a GPU out of service.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { FetchmlError } from "@fetchml/protocol";
import type { KeyHolder } from "../domain/principal.ts";
import { setDrained } from "./drain.ts";
import { viewQueue } from "./look.ts";
import { needs, openTestQueue, type TestQueue } from "./queue.fixture.ts";
import { explainJob } from "./why.ts";

let queue: TestQueue;
let alice: KeyHolder;

beforeEach(async () => {
  queue = openTestQueue();
  alice = await queue.addUser("alice");
});

afterEach(() => queue.close());

const drain = (gpu?: string) =>
  queue.db.write(() => setDrained(queue, gpu, { isDrained: true, by: "root" }));
const resume = (gpu?: string) =>
  queue.db.write(() => setDrained(queue, gpu, { isDrained: false, by: "root" }));
const linesOf = async (id: number) => (await explainJob(queue, alice, String(id))).lines.join("\n");

describe("setDrained() of the box", () => {
  test("keeps queued jobs from starting, until it is resumed; what runs goes on", async () => {
    await queue.submit(alice);
    expect(await queue.startAll()).toEqual([1]);
    expect(await drain()).toEqual({ box: true, gpuUuids: [] });
    await queue.submit(alice);
    expect(await queue.startAll()).toEqual([]);
    expect([queue.job(1).state, queue.job(2).state]).toEqual(["running", "queued"]);
    await queue.end(1);
    expect(queue.job(1).state).toBe("succeeded");
    expect(await queue.startAll()).toEqual([]);
    expect(await resume()).toEqual({ box: false, gpuUuids: [] });
    expect(await queue.startAll()).toEqual([2]);
  });

  test("is the reason of a job that waits for nothing else, and ml why says so", async () => {
    await queue.submit(alice);
    await queue.submit(alice, { hold: true });
    await drain();
    expect([queue.job(1).reason, queue.job(2).reason]).toEqual(["drained", "held"]);
    expect(await linesOf(1)).toContain('"fetchml resume"');
    const view = await viewQueue(queue);
    expect(view.queued.map(({ reason }) => reason)).toEqual(["drained", "held"]);
    expect(view.drained.box).toBe(true);
    await resume();
    expect(queue.job(1).reason).toBe("resources");
  });

  test("tells the scheduler that there is more or less to give", async () => {
    await drain();
    await resume();
    expect(queue.heard).toEqual([{ kind: "capacity-changed" }, { kind: "capacity-changed" }]);
  });

  test("may be said twice", async () => {
    await drain();
    expect(await drain()).toEqual({ box: true, gpuUuids: [] });
    await resume();
    expect(await resume()).toEqual({ box: false, gpuUuids: [] });
  });
});

describe("setDrained() of a GPU", () => {
  test("gives it to no job, and other GPUs and jobs without one are as before", async () => {
    expect(await drain("B")).toEqual({ box: false, gpuUuids: ["B"] });
    await queue.submit(alice, needs({ gpus: 2 }));
    await queue.submit(alice, needs({ gpus: 1 }));
    await queue.submit(alice);
    expect(await queue.startAll()).toEqual([1, 3]);
    expect(await linesOf(2)).toContain("1 GPU is drained");
    await resume("B");
    expect(await queue.startAll()).toEqual([2]);
  });

  test("takes none from a job that has it", async () => {
    await queue.submit(alice, needs({ gpus: 3 }));
    await queue.startAll();
    await drain("A");
    expect(queue.job(1).state).toBe("running");
    await queue.end(1);
    await queue.submit(alice, needs({ gpus: 3 }));
    expect(await queue.startAll()).toEqual([]);
  });

  test("refuses one that the box does not have, by the names of those it has", async () => {
    const refusal: unknown = await drain("X").catch((error: unknown) => error);
    if (!(refusal instanceof FetchmlError)) throw new Error(String(refusal));
    expect(refusal.code).toBe("impossible-request");
    expect(refusal.message).toContain("A, B, C");
    expect(await resume("X")).toEqual({ box: false, gpuUuids: [] });
  });
});
