// Whoever follows a log is told when it grows.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { watchedLogs, watchLog } from "./watch-log.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-logs-"));
  path = join(folder, "log");
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Counts calls, and waits for the next one. */
function counter() {
  let calls = 0;
  let wake: () => void = () => undefined;
  return {
    onGrowth: () => {
      calls += 1;
      wake();
    },
    calls: () => calls,
    next: () => new Promise<void>((resolve) => (wake = resolve)),
  };
}

test("watchLog() tells of growth by this and by another process", async () => {
  writeFileSync(path, "");
  const { onGrowth, next } = counter();
  const close = watchLog(path, onGrowth);
  const first = next();
  appendFileSync(path, "x");
  await first;
  const second = next();
  await Bun.spawn({ cmd: ["sh", "-c", `echo y >> "${path}"`] }).exited;
  await second;
  close();
});

test("watchLog() tells of a log that did not exist, nor its folders", async () => {
  const deep = join(folder, "attempts", "1.1", "control", "log");
  const { onGrowth, next } = counter();
  const close = watchLog(deep, onGrowth);
  const told = next();
  mkdirSync(join(deep, ".."), { recursive: true });
  writeFileSync(deep, "x");
  await told;
  const again = next();
  appendFileSync(deep, "y");
  await again;
  close();
});

test("watchLog() serves several followers with one watch, and ends it with the last", async () => {
  writeFileSync(path, "");
  const one = counter();
  const two = counter();
  const closeOne = watchLog(path, one.onGrowth);
  const closeTwo = watchLog(path, two.onGrowth);
  expect(watchedLogs()).toBe(1);
  const both = Promise.all([one.next(), two.next()]);
  appendFileSync(path, "x");
  await both;
  closeOne();
  closeOne();
  expect(watchedLogs()).toBe(1);
  const seen = one.calls();
  const told = two.next();
  appendFileSync(path, "y");
  await told;
  expect(one.calls()).toBe(seen);
  closeTwo();
  expect(watchedLogs()).toBe(0);
});

test("watchLog() tells of writes that follow one another at once, without waiting for its check", async () => {
  writeFileSync(path, "");
  const { onGrowth, next } = counter();
  const close = watchLog(path, onGrowth);
  // Were each second one told of by the check alone, this would take half a minute.
  for (let line = 0; line < 60; line += 1) {
    const told = next();
    appendFileSync(path, `${line}\n`);
    await told;
  }
  close();
});

test("watchLog() makes few calls of many writes", async () => {
  writeFileSync(path, "");
  const { onGrowth, calls, next } = counter();
  const close = watchLog(path, onGrowth);
  const told = next();
  for (let line = 0; line < 1000; line += 1) appendFileSync(path, `${line}\n`);
  await told;
  expect(calls()).toBeLessThan(100);
  close();
});
