// Tests of a remembered project whose folders become something else while it is looked at.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { freezeAnew } from "./freeze-anew.ts";
import type { FrozenProject } from "./frozen-project.ts";
import { DEFAULT_LIMITS } from "./limits.ts";
import { makeProject, type ProjectUnderTest } from "./project.fixture.ts";
import { areAllUntouched, countUntouched, foundAgain } from "./stat-cache.ts";
import { readStatCache, statCacheFile, type StatCacheContent } from "./stat-cache-file.ts";

let at: ProjectUnderTest;
let cache: StatCacheContent;
beforeEach(async () => {
  at = makeProject();
  at.write("a");
  at.write("folder/b");
  await at.freeze();
  const read = readStatCache(statCacheFile(at.cacheDir, at.root), at.root);
  if (read === null) throw new Error("nothing was remembered");
  cache = read;
});
afterEach(() => at[Symbol.dispose]());

const CHANGES: readonly (readonly [what: string, change: (folder: string) => void])[] = [
  ["became a file", () => at.write("folder", "now a file")],
  ["leads to itself", (folder) => symlinkSync("folder", folder)],
];

test("a project that has not changed is untouched and found again", async () => {
  expect(areAllUntouched(cache, await countUntouched(cache))).toBeTrue();
  expect(foundAgain(cache)?.map(({ path }) => path)).toEqual(["a", "folder/b"]);
});

test("a file that has gone since the folders were looked at has the names searched anew", async () => {
  rmSync(join(at.root, "a"));
  expect(foundAgain(cache)).toBeNull();
  const anew = await freezeOnceMore();
  expect(anew.content().manifest.entries.map(({ path }) => path)).toEqual(["folder/b"]);
});

describe.each(CHANGES)("a folder that %s", (_what, change) => {
  beforeEach(() => {
    const folder = join(at.root, "folder");
    rmSync(folder, { recursive: true });
    change(folder);
  });

  test("counts as a change, and the names are searched anew", async () => {
    expect(await countUntouched(cache)).toBe(1);
    expect(foundAgain(cache)).toBeNull();
  });

  test("is sent as what it is now, though it changed after the folders were looked at", async () => {
    const anew = await freezeOnceMore();
    expect(anew.snapshot).toBe((await at.freeze({ cacheDir: null })).snapshot);
    expect(anew.content().manifest.entries.map(({ path }) => path)).toEqual(["a", "folder"]);
  });
});

// Root may enter any folder.
test.skipIf(process.geteuid?.() === 0)(
  "a folder that may not be entered any more counts as a change, and is refused by name",
  async () => {
    const folder = join(at.root, "folder");
    chmodSync(folder, 0);
    try {
      expect(await countUntouched(cache)).toBe(1);
      expect(foundAgain(cache)).toBeNull();
      const refusal = String(await freezeOnceMore().catch((error: unknown) => error));
      expect(refusal).toContain("folder");
      expect(refusal).toContain("EACCES");
    } finally {
      chmodSync(folder, 0o755);
    }
  },
);

/** Freezes as if the folders had still been the same a moment ago. */
function freezeOnceMore(): Promise<FrozenProject> {
  const { root, cacheDir, env, home } = at;
  const options = { root, projectFile: null, cacheDir, env, home };
  return freezeAnew(options, {
    lookedAt: Date.now() + 60_000,
    cacheFile: null,
    cache,
    treeOptions: {
      root,
      git: null,
      projectIgnore: [],
      env,
      leaveOut: null,
      limits: DEFAULT_LIMITS,
    },
    earlier: { git: null, kept: null, lookedAt: 0 },
    isSame: true,
    untouched: 0,
  });
}
