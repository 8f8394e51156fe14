// Tests of queuing a job anew.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { FetchmlError, type SubmitParams } from "@fetchml/protocol";
import type { KeyHolder } from "../domain/principal.ts";
import { rejectionOf } from "../store/store.fixture.ts";
import { showJob } from "./look.ts";
import { BOX, LOCAL_ADMIN, openTestQueue, START, type TestQueue } from "./queue.fixture.ts";
import { redoJob } from "./redo.ts";
import { noteSnapshot } from "./snapshots-held.ts";

const SNAPSHOT = { id: "5".repeat(64), file_count: 1, size_bytes: 1 };
const OTHER = { ...SNAPSHOT, id: "6".repeat(64) };

/** All that a submission can say, nothing of it as it is by default. */
const ALL = {
  name: "train",
  command: { argv: ["python3", "train.py"] },
  cwd: "src",
  env: { LR: "0.1", SEED: "1" },
  resources: { gpus: 1, cpus: 2, mem_bytes: 3 },
  timeout_ms: 4000,
  retries: 5,
  begin_at: START + 1000,
  hold: true,
  snapshot: SNAPSHOT.id,
  git: { commit: "a".repeat(40), branch: "main", dirty: true },
  setup: { command: "make deps", key: ["deps.lock"] },
  retry_on: ["exited"],
  mounts: ["/data/sets"],
} satisfies SubmitParams;

let queue: TestQueue;
let alice: KeyHolder;
let bob: KeyHolder;
let admin: KeyHolder;

beforeEach(async () => {
  queue = openTestQueue({ ...BOX, mounts: ["/data"] });
  alice = await queue.addUser("alice");
  bob = await queue.addUser("bob");
  admin = await queue.addUser("root", "admin");
  await noteSnapshot(queue, alice, SNAPSHOT);
  await queue.submit(alice, ALL);
});

afterEach(() => queue.close());

async function redone(user: KeyHolder, redo: Partial<Parameters<typeof redoJob>[2]> = {}) {
  const { job } = await redoJob(queue, user, { job: "1", ...redo });
  const { private: own, ...seen } = await showJob(queue, user, String(job.id));
  return { ...seen, ...own };
}

describe("redoJob()", () => {
  test("queues a new job of the same code, command, environment and needs, to start at any time", async () => {
    const { resources, begin_at: _, hold: __, ...others } = ALL;
    expect(await redone(alice)).toMatchObject({
      ...resources,
      id: 2,
      user: "alice",
      reason: "resources",
      attempt: 0,
      ...others,
      eligible_at: null,
      redo_of: 1,
    });
    expect(queue.heard.at(-1)).toMatchObject({ kind: "job-changed", job: { id: 2 } });
    expect((await redone(alice, { job: "2" })).redo_of).toBe(2);
  });

  test("lets what is said win, and leaves the rest", async () => {
    const changes = { gpus: 0, cpus: 1, mem_bytes: 9, timeout_ms: null, retries: 0 };
    const job = await redone(alice, {
      ...changes,
      args: ["--lr", "0.2"],
      env: { LR: "0.2", NEW: "x" },
      mounts: ["/data/more", "/data/sets"],
      begin_at: START + 5,
      hold: true,
    });
    expect(job).toMatchObject({ ...changes, eligible_at: START + 5, reason: "held" });
    expect(job.command).toEqual({ argv: ["python3", "train.py", "--lr", "0.2"] });
    expect(job.env).toEqual({ LR: "0.2", SEED: "1", NEW: "x" });
    expect(job.mounts).toEqual(["/data/sets", "/data/more"]);
    await queue.submit(alice, { command: { shell: "a | b", args: ["c"] } });
    expect((await redone(alice, { job: "3", args: ["d"] })).command).toEqual({
      shell: "a | b",
      args: ["c", "d"],
    });
  });

  test("takes another snapshot that the caller has sent, with what Git says of that one", async () => {
    const denied = await rejectionOf(redone(alice, { snapshot: OTHER.id }));
    expect(denied).toMatchObject({ code: "snapshot-missing" });
    await noteSnapshot(queue, alice, OTHER);
    const job = await redone(alice, { snapshot: OTHER.id });
    expect(job).toMatchObject({ snapshot: OTHER.id, git: null, cwd: "src" });
    expect(await redone(alice, { snapshot: null })).toMatchObject({ snapshot: null });
    const setup = { command: "make", key: null };
    expect(await redone(alice, { snapshot: OTHER.id, setup })).toMatchObject({ setup });
  });

  test("does an admin's wish with anybody's job, which is the admin's own from then on", async () => {
    expect(await redone(admin)).toMatchObject({ user: "root", snapshot: SNAPSHOT.id, redo_of: 1 });
    // As one who has sent it, also after the first job is forgotten.
    await queue.submit(admin, { snapshot: SNAPSHOT.id });
  });

  test("refuses everybody else, as if there were no code", async () => {
    const viewer = await queue.addUser("vera", "viewer");
    for (const [user, job] of [
      [bob, "1"],
      [bob, "train"],
      [bob, "@"],
      [viewer, "1"],
      [alice, "99"],
    ] as const) {
      const error = await rejectionOf(redoJob(queue, user, { job }));
      expect(error).toMatchObject({ code: "job-not-found" });
    }
    const error = await rejectionOf(redoJob(queue, LOCAL_ADMIN, { job: "1" }));
    expect(error).toMatchObject({ code: "not-allowed" });
    // Nor has bob got hold of the snapshot by asking.
    expect(await rejectionOf(queue.submit(bob, { snapshot: SNAPSHOT.id }))).toBeInstanceOf(
      FetchmlError,
    );
  });

  test("answers a repeated submission with the first one's job, though '@' means another job by now", async () => {
    const submission = "word-of-alice";
    const first = await redoJob(queue, alice, { job: "@", submission });
    const second = await redoJob(queue, alice, { job: "@", submission });
    expect([first.job.id, second.job.id]).toEqual([2, 2]);
    const detail = await showJob(queue, alice, "2");
    expect(detail.private?.redo_of).toBe(1);
  });

  test("refuses what the box can never run and a command that grows too long", async () => {
    expect(await rejectionOf(redone(alice, { gpus: 9 }))).toMatchObject({
      code: "impossible-request",
    });
    const args = Array.from({ length: 4095 }, () => "x");
    expect(await rejectionOf(redone(alice, { args }))).toMatchObject({ code: "invalid-params" });
  });

  test("says that the code is gone where it is, and what to do", async () => {
    await queue.db.write(() => queue.db.run("DELETE FROM snapshot_holders", {}));
    for (const user of [alice, admin]) {
      const error = await rejectionOf(redone(user));
      expect(error).toMatchObject({ code: "snapshot-missing" });
      expect(String(error)).toContain("ml redo 1 --fresh");
    }
  });
});
