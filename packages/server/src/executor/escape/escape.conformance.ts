// No job gets out of its sandbox, harms anybody, or stays: hostile jobs, as tests of one sandbox.
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { SandboxPlan } from "../sandbox/sandbox-plan.ts";
import { type HostileBox, MOST_LOG_BYTES, openHostileBox, SECRET } from "./hostile-box.fixture.ts";
import type { HostileJob } from "./hostile-jobs.ts";

/** Defines a test of each job against one sandbox, which holds them all, with a cgroup for each where there is a folder for those. */
export function testEscape(
  jobs: readonly HostileJob[],
  { sandbox, cgroups }: { readonly sandbox: SandboxPlan; readonly cgroups: string | null },
): void {
  let box: HostileBox;
  beforeAll(async () => {
    box = await openHostileBox(sandbox, cgroups);
  });
  afterAll(() => box.close());

  test.each(jobs)(
    "holds a job that tries $tries",
    async ({ shell, env, cancelMs, memBytes, outcome = "exited 0", says = "" }) => {
      const end = await box.run(shell, {
        ...(env !== undefined && { env }),
        ...(cancelMs !== undefined && { cancelMs }),
        ...(memBytes !== undefined && { memBytes }),
      });
      expect(end.log).not.toContain("ESCAPED");
      expect(end.log).not.toContain(SECRET);
      expect(end.log).toContain(says);
      expect(end.logOnDisk).toBeLessThanOrEqual(MOST_LOG_BYTES);
      expect(end.given).not.toContain(SECRET);
      expect(end.outcome).toMatch(outcome);
      expect(end.left).toEqual([]);
      expect(await box.isUnharmed()).toBe(true);
    },
    150_000,
  );
}
