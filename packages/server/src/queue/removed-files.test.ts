// What is said of what a job has left and the server has removed.
import { expect, test } from "bun:test";
import { markPartRemoved } from "../store/job-files.ts";
import { openTestQueue, START } from "./queue.fixture.ts";
import { refuseRemoved, removedFilesOf } from "./removed-files.ts";

test("what was removed is refused with its day, for either cause, and what is there is not", async () => {
  const queue = openTestQueue();
  try {
    const { id, name } = await queue.submit(await queue.addUser("alice"));
    await queue.startAll();
    await queue.end(id);
    const { db } = queue;
    expect(removedFilesOf(db, { id, snapshot: null })).toBeNull();
    for (const part of ["log", "outputs"] as const) {
      refuseRemoved(db, { id, name }, part);
      expect(await db.write(() => markPartRemoved(db, id, { part, at: START }))).toBe(true);
    }
    const refusals = (["log", "outputs"] as const).map((part) => () => {
      refuseRemoved(db, { id, name }, part);
    });
    const [log, outputs] = refusals;
    expect(log).toThrow(
      `The log of job ${id} (train) was removed on 2026-01-01, for its age or to make room.\n`,
    );
    expect(outputs).toThrow(
      `The outputs of job ${id} (train) were removed on 2026-01-01, for their age or to make room.\n`,
    );
    expect(removedFilesOf(db, { id, snapshot: null })).toMatchObject({ log: START, work: null });
  } finally {
    queue.close();
  }
});
