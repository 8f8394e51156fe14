// Tests of hashing small files on the spot.
import { afterEach, beforeEach, expect, spyOn, test } from "bun:test";
import { lstatSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stampOf } from "./file-stamp.ts";
import { createHasherAtOnce } from "./hash-at-once.ts";
import { hashFile } from "./hash-file.ts";
import { makeProject, type ProjectUnderTest } from "./project.fixture.ts";

let at: ProjectUnderTest;
beforeEach(() => {
  at = makeProject();
});
afterEach(() => at[Symbol.dispose]());

const pathOf = (name: string) => join(at.root, name);
/** What was written just now counts as long settled. */
const later = () => Date.now() + 60_000;
const seen = (name: string) => stampOf(lstatSync(pathOf(name)));

test("createHasherAtOnce() says of a small file what hashFile() says", async () => {
  at.write("a.py", "print()");
  at.write("id_rsa", "-----BEGIN OPENSSH PRIVATE KEY-----\nx\n");
  at.write("empty", "");
  for (const name of ["a.py", "id_rsa", "empty"]) {
    const expected = await hashFile(pathOf(name));
    expect(createHasherAtOnce(later)(pathOf(name), seen(name))).toEqual(expected);
  }
});

test("createHasherAtOnce() declines what is large, gone, a link, or not as it was seen", () => {
  at.write("large", new Uint8Array(65_537));
  at.write("changed", "one");
  at.write("gone");
  at.write("link");
  const stamps = new Map(["large", "changed", "gone", "link"].map((name) => [name, seen(name)]));
  writeFileSync(pathOf("changed"), "and more");
  for (const name of ["gone", "link"]) rmSync(pathOf(name));
  symlinkSync("large", pathOf("link"));
  const hash = createHasherAtOnce(later);
  for (const [name, stamp] of stamps)
    expect([name, hash(pathOf(name), stamp)]).toEqual([name, null]);
});

test("createHasherAtOnce() declines what has changed a moment ago", () => {
  at.write("a");
  const { ctimeMs } = seen("a");
  expect(createHasherAtOnce(() => ctimeMs + 19)(pathOf("a"), seen("a"))).toBeNull();
  expect(createHasherAtOnce(() => ctimeMs + 20)(pathOf("a"), seen("a"))).not.toBeNull();
});

test("createHasherAtOnce() declines all others once the disk had to be asked", () => {
  at.write("a");
  const hash = createHasherAtOnce(later);
  let now = 0;
  const clock = spyOn(performance, "now").mockImplementation(() => (now += 0.1));
  for (let turn = 0; turn < 320; turn++) expect(hash(pathOf("a"), seen("a"))).not.toBeNull();
  // One that is slow is chance.
  now += 2;
  clock.mockImplementation(() => (now += 0.3));
  const answers = Array.from({ length: 100 }, () => hash(pathOf("a"), seen("a")));
  clock.mockRestore();
  expect(answers.filter((answer) => answer !== null)).toHaveLength(32);
});
