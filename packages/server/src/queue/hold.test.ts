// Tests of holding and releasing queued jobs.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { KeyHolder } from "../domain/principal.ts";
import { rejectionOf } from "../store/store.fixture.ts";
import { holdJob } from "./hold.ts";
import { needs, openTestQueue, START, type TestQueue } from "./queue.fixture.ts";

let queue: TestQueue;
let alice: KeyHolder;

beforeEach(async () => {
  queue = openTestQueue();
  alice = await queue.addUser("alice");
});

afterEach(() => queue.close());

const hold = (ref: string) => holdJob(queue, alice, { ref, held: true });
const release = (ref: string) => holdJob(queue, alice, { ref, held: false });

describe("holdJob()", () => {
  test("keeps a job from starting until it is released, in its old place", async () => {
    await queue.submit(alice, needs({ cpus: 8 }));
    await queue.submit(alice, needs({ cpus: 8 }));
    expect(await hold("1")).toMatchObject({ state: "queued", reason: "held" });
    expect(await queue.startAll()).toEqual([2]);
    await queue.submit(alice, needs({ cpus: 8 }));
    expect(await release("1")).toMatchObject({ reason: "resources" });
    await queue.end(2);
    expect(await queue.startAll()).toEqual([1]);
  });

  test("changes nothing the second time", async () => {
    await queue.submit(alice);
    expect(await release("1")).toMatchObject({ reason: "resources" });
    const held = await hold("1");
    expect(await hold("1")).toEqual(held);
  });

  test("keeps the time for which a job waits besides", async () => {
    await queue.submit(alice, { begin_at: START + 9 });
    await hold("1");
    expect(await release("1")).toMatchObject({ reason: "begin-at", eligible_at: START + 9 });
  });

  test("refuses a job that has started or ended, and says what it is", async () => {
    await queue.submit(alice);
    await queue.startAll();
    const running = await rejectionOf(hold("1"));
    expect(running).toMatchObject({ code: "conflict" });
    expect(running?.message).toBe(
      "Job 1 (train) cannot be held: it is running, and only a queued job can be.",
    );
    await queue.end(1);
    expect((await rejectionOf(release("1")))?.message).toContain(
      "cannot be released: it is succeeded",
    );
  });

  test("refuses a stranger, and a name that several unfinished jobs have", async () => {
    const bob = await queue.addUser("bob");
    await queue.submit(alice);
    const refusal = await rejectionOf(holdJob(queue, bob, { ref: "1", held: true }));
    expect(refusal).toMatchObject({ code: "not-allowed" });
    await queue.submit(alice);
    expect(await rejectionOf(hold("train"))).toMatchObject({ code: "ambiguous-job" });
  });
});
