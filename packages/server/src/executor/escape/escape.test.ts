// No job gets out of its sandbox, harms anybody, or stays: hostile jobs against each sandbox that the machine offers.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { offeredSandboxes } from "../local/local-executor.fixture.ts";
import { type HostileBox, openHostileBox, SECRET } from "./hostile-box.fixture.ts";
import { HOSTILE_JOBS } from "./hostile-jobs.ts";

describe.each(await offeredSandboxes())("sandbox $kind", (sandbox) => {
  let box: HostileBox;
  beforeAll(async () => {
    box = await openHostileBox(sandbox);
  });
  afterAll(() => box.close());

  const held = HOSTILE_JOBS.filter(({ heldBy }) => heldBy.includes(sandbox.kind));
  test.each(held)(
    "holds a job that tries $tries",
    async ({ shell, env, cancelMs, outcome = "exited 0", says = "" }) => {
      const end = await box.run(shell, {
        ...(env !== undefined && { env }),
        ...(cancelMs !== undefined && { cancelMs }),
      });
      expect(end.log).not.toContain("ESCAPED");
      expect(end.log).not.toContain(SECRET);
      expect(end.log).toContain(says);
      expect(end.outcome).toMatch(outcome);
      expect(end.left).toEqual([]);
      expect(await box.isUnharmed()).toBe(true);
    },
    30_000,
  );
});

test("the suite holds at least 25 hostile jobs for a sandbox with walls", () => {
  for (const kind of ["bubblewrap", "account"] as const) {
    expect(
      HOSTILE_JOBS.filter(({ heldBy }) => heldBy.includes(kind)).length,
    ).toBeGreaterThanOrEqual(25);
  }
});
