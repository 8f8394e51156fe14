// The variables of a job may be secrets: on disk only while it runs, and for the server's account alone.
import { expect, test } from "bun:test";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { ended, ready, shellSpec } from "../attempt.fixture.ts";
import { readSupervisor } from "./attempt-records.ts";
import { localSubject, offeredSandboxes } from "./local-executor.fixture.ts";

test.each(await offeredSandboxes())(
  "with sandbox $kind variables stand in closed files, and in none after the end",
  async (sandbox) => {
    const subject = await localSubject({ sandbox });
    const holders = (control: string) =>
      readdirSync(control).filter((name) =>
        readFileSync(join(control, name), "latin1").includes("hunter2"),
      );
    for (const [jobId, isKilled] of [
      [1, false],
      [2, true],
    ] as const) {
      const spec = shellSpec("echo ready; while :; do sleep 0.05; done", {
        jobId,
        env: { TOKEN: "hunter2" },
      });
      await subject.executor.start(spec);
      await ready(subject, spec);
      const control = subject.control(spec);
      expect(holders(control)).toHaveLength(1);
      for (const name of holders(control))
        expect(statSync(join(control, name)).mode & 0o777).toBe(0o600);
      if (isKilled) process.kill(readSupervisor(control)?.pid ?? 0, "SIGKILL");
      else await subject.executor.cancel(spec, 0);
      await ended(subject.executor, spec);
      expect(holders(control)).toEqual([]);
    }
    await subject.close();
  },
);
