// Pulls into one target at the same time, of which one takes the empty folder of parts away.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPart } from "./partial-file.ts";
import { PartsFolder } from "./parts-folder.ts";
import { TargetFolder } from "./target-folder.ts";

let root: string;
let parts: PartsFolder;
let others: PartsFolder;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "fetchml-parts-")));
  parts = new PartsFolder(new TargetFolder(root));
  others = new PartsFolder(new TargetFolder(root));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test("a part is made although another pull takes the folder away just before", () => {
  const paths: string[] = [];
  const part = parts.make((path) => {
    paths.push(path);
    if (paths.length < 3) others.tidy(Date.now());
    return createPart(path, false);
  });
  expect(paths).toHaveLength(3);
  expect(existsSync(part.path)).toBe(true);
  part.giveUp();
});

test("the folder stays while a part is in it, and what cannot be made for another reason is not tried again", () => {
  const part = parts.begin("1/a", null);
  others.tidy(Date.now());
  expect(existsSync(part.path)).toBe(true);
  let tries = 0;
  const make = () =>
    parts.make(() => {
      tries++;
      return createPart(part.path, false);
    });
  expect(make).toThrow("EEXIST");
  expect(tries).toBe(1);
  part.giveUp();
});
