// Tests of what the queue does while the disk has no room to spare.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { KeyHolder } from "../domain/principal.ts";
import { rejectionOf } from "../store/store.fixture.ts";
import { nextStartTime } from "./next-start-time.ts";
import { openTestQueue, submission, type TestQueue } from "./queue.fixture.ts";
import { submitJob } from "./submit.ts";
import { explainJob } from "./why.ts";

let queue: TestQueue;
let alice: KeyHolder;

beforeEach(async () => {
  queue = openTestQueue();
  alice = await queue.addUser("alice");
});

afterEach(() => queue.close());

describe("while room is short", () => {
  test("a submit is refused as disk-full, and one that was answered before is answered again", async () => {
    const params = submission({ submission: "the-first-one" });
    const { job } = await submitJob(queue, alice, params);
    queue.room.setFree(99);
    expect(await rejectionOf(queue.submit(alice))).toMatchObject({ code: "disk-full" });
    expect((await submitJob(queue, alice, params)).job.id).toBe(job.id);
    queue.room.setFree(100);
    expect((await queue.submit(alice)).id).toBe(job.id + 1);
  });

  test("what waits starts when there is room again, and meanwhile is looked at again soon", async () => {
    await queue.submit(alice);
    queue.room.setFree(0);
    expect(await queue.startAll()).toEqual([]);
    expect(await nextStartTime(queue)).toBe(queue.clock.now() + 5000);
    expect((await explainJob(queue, alice, "1")).lines.join()).toContain("The disk is nearly full");
    queue.room.setFree(500);
    expect(await nextStartTime(queue)).toBeNull();
    expect(await queue.startAll()).toEqual([1]);
  });

  test("what runs goes on, and its end is recorded", async () => {
    await queue.submit(alice);
    await queue.startAll();
    queue.room.setFree(0);
    await queue.end(1);
    expect(queue.job(1).state).toBe("succeeded");
    expect(await nextStartTime(queue)).toBeNull();
  });
});
