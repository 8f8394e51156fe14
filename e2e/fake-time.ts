// Runs a program under another time of day than the machine's, which can be changed while it runs: libfaketime.
import { existsSync } from "node:fs";
import { test } from "bun:test";

const LIBRARY = [
  "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
  "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
].find((path) => existsSync(path));

/** `NAME=VALUE` words for `env`: the file holds what is added to the time, such as `+2d`; other clocks go on as they are. */
export function fakeTime(offsetFile: string): readonly string[] {
  return [
    `LD_PRELOAD=${LIBRARY ?? ""}`,
    `FAKETIME_TIMESTAMP_FILE=${offsetFile}`,
    "FAKETIME_NO_CACHE=1",
    "FAKETIME_DONT_FAKE_MONOTONIC=1",
  ];
}

/** `test`, skipped where the library is missing; with `FETCHML_REQUIRE_SYSTEM=1` it runs there, and fails. */
export function needsFakeTime() {
  return test.skipIf(LIBRARY === undefined && process.env["FETCHML_REQUIRE_SYSTEM"] !== "1");
}
