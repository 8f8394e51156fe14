// Tests of where an attempt's files lie.
import { describe, expect, test } from "bun:test";
import { relative } from "node:path";
import { attemptFolder } from "./attempt-folder.ts";

describe("attemptFolder()", () => {
  const folder = attemptFolder("/data", { jobId: 12, attempt: 2 });

  test("lays out attempts/12.2 for the job and for us apart", () => {
    expect(folder).toEqual({
      root: "/data/attempts/12.2",
      control: "/data/attempts/12.2/control",
      log: "/data/attempts/12.2/control/log",
      secrets: "/data/attempts/12.2/control/secrets",
      job: "/data/attempts/12.2/job",
      work: "/data/attempts/12.2/job/work",
      outputs: "/data/attempts/12.2/job/outputs",
      tmp: "/data/attempts/12.2/job/tmp",
    });
  });

  test("keeps the control files and the log out of the job's folder", () => {
    for (const hidden of [folder.control, folder.log]) {
      expect(relative(folder.job, hidden)).toStartWith("..");
    }
  });

  test("gives each attempt a folder of its own", () => {
    const other = attemptFolder("/data", { jobId: 1, attempt: 22 });
    expect(other.root).not.toBe(attemptFolder("/data", { jobId: 12, attempt: 2 }).root);
  });
});
