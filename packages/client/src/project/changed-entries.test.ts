// Property: what is told of a change makes the new list of the old one, and tells nothing else.
import { afterEach, beforeEach, expect } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { needsSystem } from "../../../../e2e/system-tool.ts";
import { appliedText } from "./applied-change.fixture.ts";
import { anyStep, startAnew, take } from "./project-changes.fixture.ts";
import { makeProject, type ProjectUnderTest } from "./project.fixture.ts";

const test = needsSystem("git");

let at: ProjectUnderTest;
beforeEach(() => {
  at = makeProject();
});
afterEach(() => at[Symbol.dispose]());

test("a change, applied to what was remembered, gives what is there now", async () => {
  const steps = fc.array(anyStep({ ownRules: true }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { minLength: 2, maxLength: 4 }), async (rounds) => {
      startAnew(at);
      let before = await at.freeze().then((frozen) => frozen.content().text);
      for (const round of rounds) {
        for (const step of round) take(at, step);
        const frozen = await at.freeze().catch(() => null);
        // Some changes make a project that cannot be sent.
        if (frozen === null) continue;
        const { text } = frozen.content();
        const change = frozen.change();
        if (change === null) expect(text).toBe(before);
        else {
          expect(appliedText(before, change)).toBe(text);
          expect(change.snapshot).toBe(frozen.snapshot);
          for (const entry of change.entries) {
            expect(before).not.toContain(JSON.stringify(entry));
          }
        }
        before = text;
      }
    }),
    { numRuns: 40 },
  );
}, 60_000);

test("nothing is told of a first look, of a fresh one, and where nearly all has changed", async () => {
  at.write("a");
  expect((await at.freeze()).change()).toBeNull();
  expect((await at.freeze({ fresh: true })).change()).toBeNull();
  for (let i = 0; i < 4001; i++) at.write(`many/${i}`, String(i));
  expect((await at.freeze()).change()).toBeNull();
  rmSync(join(at.root, "many"), { recursive: true });
  expect((await at.freeze()).change()).toBeNull();
}, 60_000);
