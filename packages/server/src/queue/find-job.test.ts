// Tests of finding the job that a caller means.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { FetchmlError } from "@fetchml/protocol";
import type { KeyHolder, Principal } from "../domain/principal.ts";
import { cancelJobs } from "./cancel.ts";
import { findJob, findJobToChange } from "./find-job.ts";
import { LOCAL_ADMIN, openTestQueue, type TestQueue } from "./queue.fixture.ts";

let queue: TestQueue;
let alice: KeyHolder;
let bob: KeyHolder;
let admin: KeyHolder;

// Alice: 1 train (cancelled), 2 train, 4 test. Bob: 3 train, 5 bobs.
beforeEach(async () => {
  queue = openTestQueue();
  alice = await queue.addUser("alice");
  bob = await queue.addUser("bob");
  admin = await queue.addUser("carol", "admin");
  await queue.submit(alice);
  await queue.submit(alice);
  await queue.submit(bob);
  await queue.submit(alice, { name: "test" });
  await queue.submit(bob, { name: "bobs" });
  await cancelJobs(queue, alice, { jobs: ["1"], graceMs: 0 });
});

afterEach(() => queue.close());

const found = (who: Principal, ref: string) => {
  const { row, attempt } = findJob(queue, who, ref);
  return attempt === null ? row.id : [row.id, attempt];
};
const toChange = (who: Principal, ref: string) => findJobToChange(queue, who, ref).id;

function fault(act: () => unknown): FetchmlError {
  try {
    act();
  } catch (error) {
    if (error instanceof FetchmlError) return error;
    throw error;
  }
  throw new Error("it was found");
}

describe("findJob()", () => {
  test("finds any job by its id, whoever asks", () => {
    for (const who of [alice, bob, admin, LOCAL_ADMIN]) expect(found(who, "3")).toBe(3);
  });

  test("finds an attempt by 12#2, name#2 and @#2", () => {
    expect(found(alice, "3#2")).toEqual([3, 2]);
    expect(found(alice, "test#1")).toEqual([4, 1]);
    expect(found(alice, "@#7")).toEqual([4, 7]);
  });

  test("finds my newest job of a name, ended or not", async () => {
    expect(found(alice, "train")).toBe(2);
    await cancelJobs(queue, alice, { jobs: ["2"], graceMs: 0 });
    expect(found(alice, "train")).toBe(2);
    expect(found(bob, "train")).toBe(3);
  });

  test("finds my last job by @ and those before it by @~N", () => {
    expect(["@", "@~0", "@~1", "@~2"].map((ref) => found(alice, ref))).toEqual([4, 4, 2, 1]);
    expect(found(bob, "@")).toBe(5);
  });

  test("finds nobody else's job by a name, as if it did not exist", () => {
    expect(fault(() => found(alice, "bobs"))).toMatchObject({ code: "job-not-found" });
    expect(fault(() => found(admin, "bobs")).message).toBe(
      fault(() => found(admin, "nonsense")).message.replace("nonsense", "bobs"),
    );
  });

  const unknown = [
    "99",
    "0",
    "12#0",
    "99#1",
    "nonsense",
    "@~3",
    "@~",
    "@@",
    "@~-1",
    "",
    " 1",
    "1.0",
    "1e0",
  ];
  for (const ref of [...unknown, "9".repeat(80), "x'; DROP TABLE jobs;--", "%", "tr_in", "TRAIN"]) {
    test(`finds nothing by ${JSON.stringify(ref)} and says so in one line`, () => {
      const error = fault(() => found(alice, ref));
      expect(error.code).toBe("job-not-found");
      expect(error.message).not.toContain("\n");
    });
  }

  test("tells the admin on the box, who has no jobs, to name them by id", () => {
    for (const ref of ["@", "train"]) {
      expect(fault(() => found(LOCAL_ADMIN, ref)).message).toContain("by id");
    }
  });

  test("shows no control characters and no endless text of what was asked for", () => {
    const { message } = fault(() => found(alice, `\u001b[2J${"x".repeat(500)}`));
    expect(message).not.toContain("\u001b");
    expect(message.length).toBeLessThan(250);
  });
});

describe("findJobToChange()", () => {
  test("takes a name for my newest unfinished job of it", async () => {
    expect(toChange(alice, "train")).toBe(2);
    await queue.submit(alice);
    await cancelJobs(queue, alice, { jobs: ["6"], graceMs: 0 });
    expect(found(alice, "train")).toBe(6);
    expect(toChange(alice, "train")).toBe(2);
  });

  test("takes it for my newest ended one when none is unfinished, so that the refusal can say so", async () => {
    await cancelJobs(queue, alice, { jobs: ["2"], graceMs: 0 });
    expect(toChange(alice, "train")).toBe(2);
  });

  test("lists the jobs when several of that name are unfinished, newest first", async () => {
    await queue.submit(alice, { hold: true });
    await queue.startAll();
    const error = fault(() => toChange(alice, "train"));
    expect(error.code).toBe("ambiguous-job");
    expect(error.message).toBe(
      "2 unfinished jobs are called train: 6 (queued), 2 (running).\nName one by its id.",
    );
    expect(error.details).toEqual({ jobs: ["6 (queued)", "2 (running)"] });
  });

  test("lists ten of them at most", async () => {
    for (let more = 0; more < 9; more += 1) await queue.submit(alice);
    expect(fault(() => toChange(alice, "train")).message).toContain("6 (queued), 2 (queued).\n");
    for (let more = 0; more < 2; more += 1) await queue.submit(alice);
    const { message } = fault(() => toChange(alice, "train"));
    expect(message).toStartWith("12 unfinished jobs are called train: 16 (queued),");
    expect(message).toContain("7 (queued), …");
    expect(message).not.toContain(" 6 (queued)");
  });

  test("finds one among very many, and does not count these", async () => {
    await Promise.all(Array.from({ length: 1001 }, () => queue.submit(alice, { name: "many" })));
    expect(toChange(alice, "train")).toBe(2);
    const error = fault(() => toChange(alice, "many"));
    expect(error.message).toStartWith("More than 100 unfinished jobs are called many: ");
    expect(error.details).toEqual({ jobs: expect.any(Array) });
  });

  test("takes @ for my last job, ended or not, never for another one", async () => {
    expect(toChange(alice, "@")).toBe(4);
    await cancelJobs(queue, alice, { jobs: ["4"], graceMs: 0 });
    expect(toChange(alice, "@")).toBe(4);
  });

  test("lets owner and admins change a job, and tells a stranger whose it is", () => {
    for (const who of [bob, admin, LOCAL_ADMIN]) expect(toChange(who, "3")).toBe(3);
    const error = fault(() => toChange(alice, "3"));
    expect(error.code).toBe("not-allowed");
    expect(error.message).toContain("belongs to bob");
  });

  test("knows no attempts: a job is changed as a whole", () => {
    expect(fault(() => toChange(alice, "2#1"))).toMatchObject({ code: "job-not-found" });
  });
});
