// Tests of what measuring an attempt counts, also where the job does not want it counted.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measureAttempt } from "./disk-use.ts";
import { unlockFolders } from "./unlock-folders.ts";

const MIB = 1024 ** 2;
const path = "/usr/local/bin:/usr/bin:/bin";

let folder: string;
let control: string;
let work: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "fetchml-disk-use-")));
  control = join(folder, "attempts/12.2/control");
  work = join(folder, "attempts/12.2/job/work");
  mkdirSync(work, { recursive: true });
});
afterEach(() => {
  Bun.spawnSync(["chmod", "-R", "u+rwx", folder]);
  rmSync(folder, { recursive: true });
});

const measure = async () =>
  (await measureAttempt(control, { path, signal: new AbortController().signal }))?.usedBytes ?? 0;

const modeOf = (name: string) => statSync(join(folder, name)).mode & 0o777;

describe("measureAttempt()", () => {
  test("counts what lies in folders that the job has locked, one in another", async () => {
    const inner = join(work, "outer/inner");
    mkdirSync(inner, { recursive: true });
    writeFileSync(join(inner, "big"), Buffer.alloc(4 * MIB));
    chmodSync(inner, 0);
    chmodSync(join(work, "outer"), 0o300);
    expect(await measure()).toBeGreaterThanOrEqual(4 * MIB);
  });

  test("counts nothing twice, and nothing behind a link", async () => {
    mkdirSync(join(folder, "elsewhere"));
    writeFileSync(join(folder, "elsewhere/big"), Buffer.alloc(4 * MIB));
    symlinkSync(join(folder, "elsewhere"), join(work, "link"));
    writeFileSync(join(work, "one"), Buffer.alloc(MIB));
    expect(await measure()).toBeWithin(MIB, 2 * MIB);
  });

  test("is given up at once, also where du does not end", async () => {
    const slow = join(folder, "bin");
    mkdirSync(slow);
    writeFileSync(join(slow, "du"), "#!/bin/sh\nexec sleep 100000\n", { mode: 0o755 });
    const giveUp = new AbortController();
    const measured = measureAttempt(control, { path: `${slow}:${path}`, signal: giveUp.signal });
    giveUp.abort();
    expect(await measured).toBeNull();
  });
});

describe("unlockFolders()", () => {
  const unlock = (folders: readonly string[]) =>
    unlockFolders(folders, { path, signal: new AbortController().signal });

  test("lets the owner in, and tells whether it had to", async () => {
    mkdirSync(join(work, "a"));
    chmodSync(join(work, "a"), 0o2030);
    expect(await unlock([work])).toBe(true);
    expect(modeOf("attempts/12.2/job/work/a")).toBe(0o530);
    expect(await unlock([work])).toBe(false);
  });

  test("changes nothing outside of the folders, wherever links lead", async () => {
    mkdirSync(join(folder, "elsewhere/locked"), { recursive: true });
    chmodSync(join(folder, "elsewhere/locked"), 0o200);
    symlinkSync(join(folder, "elsewhere/locked"), join(work, "link"));
    expect(await unlock([work])).toBe(false);
    // As if the job had put a link in the place of a folder just now.
    symlinkSync(join(folder, "elsewhere"), join(work, "swapped"));
    expect(await unlock([join(work, "swapped/")])).toBe(false);
    expect(modeOf("elsewhere/locked")).toBe(0o200);
  });
});
