// Properties: whatever happens to a project, its cache never shows, and what is told of Git is what Git says.
import { afterEach, beforeEach, expect } from "bun:test";
import * as fc from "fast-check";
import { needsSystem } from "../../../../e2e/system-tool.ts";
import { anyStep, startAnew, take } from "./project-changes.fixture.ts";
import { makeProject, type ProjectUnderTest } from "./project.fixture.ts";

const test = needsSystem("git");

let at: ProjectUnderTest;
beforeEach(() => {
  at = makeProject();
});
afterEach(() => at[Symbol.dispose]());

test("freezeProject() gives with its cache what it gives without, after any change", async () => {
  const steps = fc.array(anyStep({ ownRules: true, inside: true }), { minLength: 2, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      startAnew(at);
      for (const step of all) {
        take(at, step);
        const cached = await outcomeOf({});
        expect(cached).toEqual(await outcomeOf({ cacheDir: null }));
        expect(await outcomeOf({})).toEqual(cached);
      }
    }),
    { numRuns: 25 },
  );
}, 60_000);

test("freezeProject() tells the commit, the branch and whether it is dirty as Git does, after any change", async () => {
  const steps = fc.array(anyStep({ ownRules: false }), { minLength: 2, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      startAnew(at);
      for (const step of all) {
        take(at, step);
        const told = await at.freeze().then(
          (frozen) => frozen.git,
          () => null,
        );
        // Some changes make a project that cannot be sent.
        if (told !== null) expect(told).toEqual(gitState());
      }
    }),
    { numRuns: 25 },
  );
}, 60_000);

async function outcomeOf(options: { readonly cacheDir?: null }): Promise<unknown> {
  return at.freeze(options).then(
    (frozen) => ({ snapshot: frozen.snapshot, git: frozen.git, content: frozen.content() }),
    (error: unknown) => String(error),
  );
}

function gitState() {
  return {
    commit: at.git("rev-list", "--all", "--max-count=1") === "" ? null : headCommit(),
    branch: at.git("symbolic-ref", "--short", "HEAD").trim(),
    dirty: at.git("status", "--porcelain") !== "",
  };
}

function headCommit(): string {
  return at.git("rev-parse", "HEAD").trim();
}
