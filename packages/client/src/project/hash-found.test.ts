// Tests of giving files their hashes: what is known is not read, and a change since is noticed.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { lstatSync, rmSync } from "node:fs";
import { join } from "node:path";
import { stampOf } from "./file-stamp.ts";
import { hashFound } from "./hash-found.ts";
import { makeProject, type ProjectUnderTest } from "./project.fixture.ts";
import type { Found } from "./walk.ts";

let at: ProjectUnderTest;
beforeEach(() => {
  at = makeProject();
});
afterEach(() => at[Symbol.dispose]());

function found(path: string): Found {
  return { kind: "file", path, stamp: stampOf(lstatSync(join(at.root, path))) };
}

describe("hashFound()", () => {
  test("takes from what is known, and reads the rest", async () => {
    at.write("a", "1");
    at.write("id_rsa", "2");
    const all = [found("a"), found("id_rsa")];
    const known = { hash: "f".repeat(64), secret: "is known for it" };
    const tree = await hashFound(at.root, all, {
      known: (path) => (path === "a" ? known : null),
    });
    expect(tree.entries).toMatchObject([
      { path: "a", ...known },
      { path: "id_rsa", secret: "has the name of a private SSH key" },
    ]);
    expect(tree.isSteady).toBe(true);
  });

  test("says when a file has changed or gone since it was found", async () => {
    at.write("a", "1");
    at.write("b", "2");
    const all = [found("a"), found("b")];
    at.write("a", "changed");
    const changed = await hashFound(at.root, all, { known: null });
    expect([changed.entries.length, changed.isSteady]).toEqual([2, false]);
    const again = [found("a"), found("b")];
    rmSync(join(at.root, "b"));
    const gone = await hashFound(at.root, again, { known: null });
    expect([gone.entries.length, gone.isSteady, gone.gone]).toEqual([1, false, ["b"]]);
  });
});
