// Tests of folders that belong to no job.
import { expect, test } from "bun:test";
import { mkdirSync, readdirSync, symlinkSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { DAY_MS, openRetention } from "./retention.fixture.ts";

test("collectStrays() removes old folders of jobs and attempts that there are not, and nothing else", async () => {
  await using box = await openRetention();
  const id = await box.runJob(await box.addUser("alice"));
  const attempts = join(box.dataDir, "attempts");
  const checkpoints = join(box.dataDir, "checkpoints");
  const names = ["7.1", `${id}.2`, "8.1", "notes", "7.1.2", "07.1"];
  for (const name of names) mkdirSync(join(attempts, name, "job/work"), { recursive: true });
  for (const name of ["7", "x"]) mkdirSync(join(checkpoints, name));
  symlinkSync(box.dataDir, join(attempts, "9.1"));
  const before = new Date(Date.now() - 2 * DAY_MS);
  for (const name of names.filter((each) => each !== "8.1")) {
    utimesSync(join(attempts, name), before, before);
  }
  utimesSync(join(checkpoints, "7"), before, before);
  const { removed } = await box.collect();
  expect(readdirSync(attempts).toSorted()).toEqual(
    [".trash", `${id}.1`, "07.1", "7.1.2", "8.1", "9.1", "notes"].toSorted(),
  );
  expect(readdirSync(checkpoints).toSorted()).toEqual([".trash", `${id}`, "x"].toSorted());
  expect(removed).toMatchObject([{ kind: "strays", count: 3 }]);
});
