// Tests of when attempts are measured: a measurement that takes long holds up neither the others nor a server that stops.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { waitFor } from "../attempt.fixture.ts";
import { DiskGuard, type DiskGuardOptions } from "./disk-guard.ts";
import { allPids, argumentsOf } from "./process-identity.ts";

let folder: string;
let guard: DiskGuard | null;
let full: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-disk-guard-"));
  guard = null;
  full = [];
});
afterEach(async () => {
  await guard?.close();
  rmSync(folder, { recursive: true });
});

const NAP = "86399.5";

/** A `du` that does not end for job 1, and tells of 8 KiB for any other. */
function guarding(options: Partial<DiskGuardOptions> = {}): DiskGuard {
  const du = `#!/bin/sh
echo >>${join(folder, "count")}
case "$*" in *attempts/1.1*) exec sleep ${NAP} ;; esac
printf '8\\t%s\\n' "$2"
`;
  writeFileSync(join(folder, "du"), du, { mode: 0o755 });
  guard = new DiskGuard({
    path: `${folder}:/usr/bin:/bin`,
    onFull: (control, how) => full.push(`${control.slice(folder.length)}: ${how}`),
    measureMs: 1,
    patienceMs: 20,
    ...options,
  });
  for (const id of [1, 2]) {
    const control = join(folder, `attempts/${id}.1/control`);
    mkdirSync(join(folder, `attempts/${id}.1/job`), { recursive: true });
    mkdirSync(control);
    guard.add(control, 1024);
  }
  return guard;
}

const count = () =>
  existsSync(join(folder, "count")) ? readFileSync(join(folder, "count"), "utf8").length : 0;
const naps = () => allPids().filter((pid) => argumentsOf(pid)[1] === NAP).length;

describe("DiskGuard", () => {
  test("does not let others wait for the tree of one job", async () => {
    const guards = guarding();
    guards.look();
    await waitFor("the other", () => full.length > 0);
    expect(full).toEqual(["/attempts/2.1/control: disk-full 8192 1024 work"]);
    expect(naps()).toBe(1);
  });

  test("ends what measures when it is closed, and does not wait for it", async () => {
    const guards = guarding({ patienceMs: 1e9 });
    guards.look();
    await waitFor("du", () => naps() > 0);
    await guards.close();
    await guards.close();
    await waitFor("the end of du", () => naps() === 0);
    expect(full).toEqual([]);
  });

  test("gives up what takes too long, and tries again", async () => {
    const guards = guarding({ limitMs: 50 });
    guards.remove(join(folder, "attempts/2.1/control"));
    await waitFor("three tries", () => {
      guards.look();
      return count() > 2;
    });
    expect(full).toEqual([]);
    expect(naps()).toBeLessThan(2);
  });

  test("ends the measurement of an attempt that has ended", async () => {
    const guards = guarding();
    guards.look();
    await waitFor("du", () => naps() > 0);
    guards.remove(join(folder, "attempts/1.1/control"));
    await waitFor("the end of du", () => naps() === 0);
  });
});
