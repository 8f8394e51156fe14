// Tests of when a file's times are proof enough.
import { expect, test } from "bun:test";
import { isOlder, isSameStamp, type FileStamp } from "./file-stamp.ts";

const NOW = 1_795_000_000_500;

test("isOlder() allows for a clock that ticks every 10 ms and lags behind by a tick", () => {
  expect(isOlder({ mtimeMs: NOW - 49.25, ctimeMs: NOW - 1000.5 }, NOW)).toBe(false);
  expect(isOlder({ mtimeMs: NOW - 1000.5, ctimeMs: NOW - 49.25 }, NOW)).toBe(false);
  expect(isOlder({ mtimeMs: NOW - 60.25, ctimeMs: NOW - 60.25 }, NOW)).toBe(true);
  expect(isOlder({ mtimeMs: NOW + 5000, ctimeMs: NOW + 5000 }, NOW)).toBe(false);
});

test("isOlder() allows two seconds where times have no fraction", () => {
  const whole = (ms: number) => ({ mtimeMs: ms, ctimeMs: ms });
  expect(isOlder(whole(NOW - 1500), NOW)).toBe(false);
  expect(isOlder(whole(NOW - 2500), NOW)).toBe(true);
});

test("isSameStamp() sees a change of each field but the executable bit, which changes ctime", () => {
  const stamp: FileStamp = { mtimeMs: 1, ctimeMs: 2, sizeBytes: 3, inode: 4, executable: false };
  expect(isSameStamp(stamp, { ...stamp })).toBe(true);
  for (const field of ["mtimeMs", "ctimeMs", "sizeBytes", "inode"]) {
    expect(isSameStamp(stamp, { ...stamp, [field]: 9 })).toBe(false);
  }
});
