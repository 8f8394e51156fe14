// How much of the outputs is listed and held in memory at once, however much a job has left.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { linkSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { openFolderNames, RUN_NAMES } from "./folder-names.ts";
import { makeOutputs, type OutputsUnderTest } from "./outputs.fixture.ts";
import { mostLooks, walkOutputs, type LooksLeft } from "./walk-outputs.ts";

let outputs: OutputsUnderTest;

beforeEach(() => {
  outputs = makeOutputs();
});
afterEach(() => outputs[Symbol.dispose]());

const paths = async (most?: number) => (await outputs.list(most)).map(({ path }) => path);

/** Gives one file all these names. */
function link([first = "", ...others]: readonly string[]): void {
  outputs.write(first, "");
  for (const name of others) linkSync(join(outputs.path, first), join(outputs.path, name));
}

/** How many are listed, and whether that was all. */
async function count(left: LooksLeft): Promise<readonly [number, boolean]> {
  const walk = walkOutputs(outputs.folder, left);
  let listed = 0;
  let step = await walk.next();
  for (; step.done !== true; step = await walk.next()) listed += step.value.length;
  return [listed, step.value];
}

describe("walkOutputs()", () => {
  test("says whether it was all when there are more than it lists", async () => {
    for (let i = 0; i < 200; i++) outputs.write(`${i % 3}/${i}`);
    // The three folders count too.
    expect(await count({ ...mostLooks(), names: 150 })).toEqual([147, false]);
    expect(await count({ ...mostLooks(), names: 203 })).toEqual([200, true]);
    expect(await paths(203)).toHaveLength(200);
  });

  test("lists no more than so many characters of paths and of what links lead to", async () => {
    outputs.write("a".repeat(200));
    symlinkSync("t".repeat(1000), join(outputs.path, "b"));
    outputs.write("c");
    for (const [characters, found] of [
      [199, 0],
      [1200, 1],
      [1201, 2],
      [1202, 3],
    ] as const) {
      expect(await count({ ...mostLooks(), characters })).toEqual([found, found === 3]);
    }
  });

  test("shares what is left to look at with the next walk", async () => {
    for (let i = 0; i < 10; i++) outputs.write(String(i));
    const left = { ...mostLooks(), names: 15 };
    expect(await count(left)).toEqual([10, true]);
    expect(await count(left)).toEqual([5, false]);
    expect(await count(left)).toEqual([0, false]);
  });

  test("lists a folder of more names than one run whole, in the same order each time", async () => {
    const expected = Array.from({ length: 2 * RUN_NAMES + 3000 }, (_, i) => String(i));
    link(expected);
    const listed = await paths();
    expect(listed.toSorted()).toEqual(expected.toSorted());
    expect(await paths()).toEqual(listed);
  });

  test("sorts a folder of as many names as one run has", async () => {
    const expected = Array.from({ length: RUN_NAMES }, (_, i) => String(i)).toSorted();
    link(expected);
    expect(await paths()).toEqual(expected);
  });

  test("names more than a few that are not UTF-8", async () => {
    const folder = Buffer.from(`${outputs.path}/`);
    outputs.write("0");
    for (let i = 0; i < 200; i++) {
      const name = Buffer.concat([folder, Buffer.from([0xff]), Buffer.from(String(i))]);
      linkSync(join(outputs.path, "0"), name);
    }
    const listed = await outputs.list();
    expect(listed).toHaveLength(201);
    expect(listed[0]).toEqual({ kind: "left-out", path: "\\xff0", reason: "name-not-utf8" });
  });

  test("reads no more names of a folder than it lists, but for one run", async () => {
    link(Array.from({ length: 3 * RUN_NAMES }, (_, i) => String(i)));
    using open = openFolderNames(outputs.path);
    const first = open.next()?.names.length ?? 0;
    expect(first).toBeGreaterThanOrEqual(RUN_NAMES);
    expect(first).toBeLessThan(2 * RUN_NAMES);
  });

  test("takes a folder that was removed while it was read for one without further names", () => {
    outputs.write("sub/a");
    using open = openFolderNames(join(outputs.path, "sub"));
    rmSync(join(outputs.path, "sub"), { recursive: true });
    expect(open.next()).toBeNull();
  });
});
