// Tests of telling an executable's kind of machine by its first bytes.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { targets } from "../build-steps/build-plan.ts";
import { checkExecutables, kindOf } from "./executable-kind.ts";

/** Bytes with some of them set, by their place. */
function bytes(length: number, set: Readonly<Record<number, readonly number[]>>): Uint8Array {
  const made = new Uint8Array(length);
  for (const [at, values] of Object.entries(set)) made.set(values, Number(at));
  return made;
}

const elf = (machine: number) => bytes(64, { 0: [0x7f, 0x45, 0x4c, 0x46, 2, 1], 18: [machine, 0] });
const machO = (processor: number) => bytes(32, { 0: [0xcf, 0xfa, 0xed, 0xfe, processor, 0, 0, 1] });
const pe = bytes(256, { 0: [0x4d, 0x5a], 60: [0x80], 128: [0x50, 0x45, 0, 0, 0x64, 0x86] });

const HEADERS: readonly (readonly [name: string, header: Uint8Array])[] = [
  ["linux-x64", elf(0x3e)],
  ["linux-arm64", elf(0xb7)],
  ["macos-arm64", machO(0x0c)],
  ["macos-x64", machO(0x07)],
  ["windows-x64", pe],
];

describe("kindOf()", () => {
  test("knows every target", () => {
    expect(HEADERS.map(([name]) => name)).toEqual(targets.map(({ name }) => name));
    for (const [name, header] of HEADERS) expect([name, kindOf(header)]).toEqual([name, name]);
  });

  test("knows nothing else: another machine, a script, a file that is cut off", () => {
    for (const file of [elf(0x28), machO(0x12), new TextEncoder().encode("#!/bin/sh\n")]) {
      expect(kindOf(file)).toBeNull();
    }
    for (const [, header] of HEADERS) expect(kindOf(header.subarray(0, 6))).toBeNull();
    expect(kindOf(new Uint8Array())).toBeNull();
  });
});

describe("checkExecutables()", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "fetchml-kind-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test("refuses a target of which one executable is for another", () => {
    const arm = targets.find(({ name }) => name === "linux-arm64");
    if (arm === undefined) throw new Error("there is no such target");
    writeFileSync(join(folder, "ml"), elf(0xb7));
    writeFileSync(join(folder, "fetchml"), elf(0xb7));
    expect(() => checkExecutables(folder, arm)).not.toThrow();
    writeFileSync(join(folder, "fetchml"), elf(0x3e));
    expect(() => checkExecutables(folder, arm)).toThrow("is for linux-x64, not for linux-arm64");
  });
});
