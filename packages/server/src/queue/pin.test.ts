// Tests of pinning jobs.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { KeyHolder } from "../domain/principal.ts";
import { rejectionOf } from "../store/store.fixture.ts";
import { pinJob } from "./pin.ts";
import { LOCAL_ADMIN, openTestQueue, START, type TestQueue } from "./queue.fixture.ts";

let queue: TestQueue;
let alice: KeyHolder;

beforeEach(async () => {
  queue = openTestQueue();
  alice = await queue.addUser("alice");
});

afterEach(() => queue.close());

const pin = (who: Parameters<typeof pinJob>[1], ref: string, pinned = true) =>
  pinJob(queue, who, { ref, pinned });

describe("pinJob()", () => {
  test("pins and unpins a job in any state, and tells everyone", async () => {
    await queue.submit(alice);
    expect(await pin(alice, "1")).toMatchObject({ id: 1, pinned: true });
    await queue.startAll();
    expect(queue.job(1).pinned).toBe(true);
    await queue.end(1);
    expect(await pin(alice, "train", false)).toMatchObject({ state: "succeeded", pinned: false });
    const told = queue.heard.flatMap((item) =>
      item.kind === "job-changed" ? [item.job.pinned] : [],
    );
    expect(told).toContain(true);
    expect(told.at(-1)).toBe(false);
  });

  test("keeps the time of the first pin, and does nothing the second time", async () => {
    await queue.submit(alice);
    await pin(alice, "1");
    queue.clock.advance(1000);
    await pin(alice, "1");
    expect(queue.row(1).pinned_at).toBe(START);
    await pin(alice, "1", false);
    await pin(alice, "1", false);
    expect(queue.row(1).pinned_at).toBeNull();
  });

  test("means the newest job of a name, ended or not", async () => {
    await queue.submit(alice);
    await queue.submit(alice);
    expect((await pin(alice, "train")).id).toBe(2);
  });

  test("is for the owner and admins, not for others or viewers", async () => {
    await queue.submit(alice);
    const bob = await queue.addUser("bob");
    const admin = await queue.addUser("root2", "admin");
    const viewer: KeyHolder = { ...alice, role: "viewer" };
    for (const other of [bob, viewer]) {
      expect(await rejectionOf(pin(other, "1"))).toMatchObject({ code: "not-allowed" });
    }
    expect((await pin(admin, "1")).pinned).toBe(true);
    expect((await pin(LOCAL_ADMIN, "1", false)).pinned).toBe(false);
    expect(await rejectionOf(pin(alice, "99"))).toMatchObject({ code: "job-not-found" });
  });
});
