// Hostile jobs against each sandbox that the machine offers.
import { describe, expect, test } from "bun:test";
import { offeredSandboxes } from "../local/local-executor.fixture.ts";
import { testEscape } from "./escape.conformance.ts";
import { HOARDERS } from "./hoarders.ts";
import { HOSTILE_JOBS } from "./hostile-jobs.ts";

describe.each(await offeredSandboxes())("sandbox $kind", (sandbox) => {
  const held = [...HOSTILE_JOBS, ...HOARDERS].filter(({ heldBy }) => heldBy.includes(sandbox.kind));
  testEscape(held, { sandbox, cgroups: null });
});

test("the suite holds at least 25 hostile jobs for a sandbox with walls", () => {
  for (const kind of ["bubblewrap", "account"] as const) {
    expect(
      HOSTILE_JOBS.filter(({ heldBy }) => heldBy.includes(kind)).length,
    ).toBeGreaterThanOrEqual(25);
  }
});
