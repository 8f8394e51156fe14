// How silent a job has been is told rightly by a server that has not looked all the time.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { attemptSpec, ended, observeOne, ready, shellSpec } from "../attempt.fixture.ts";
import { localSubject, type LocalSubject } from "./local-executor.fixture.ts";
import { silenceOf, watchSilence } from "./silence.ts";

const MINUTE_MS = 60_000;
const LIMIT_MS = 10 * MINUTE_MS;

let subject: LocalSubject;
beforeEach(async () => {
  subject = await localSubject();
});
afterEach(() => subject.close());

const SPEC = shellSpec("echo ready; exec sleep 1000", {
  limits: { ...attemptSpec().limits, noOutputMs: LIMIT_MS },
});

/** Starts the job, and closes the server that did. */
async function leave(): Promise<void> {
  await subject.executor.start(SPEC);
  await ready(subject, SPEC);
  await subject.executor.close();
}

/** Dates files of the attempt back, as if that had been done so long ago. */
function dateBack(minutes: number, files: readonly string[]): void {
  for (const file of files) {
    const path = join(subject.control(SPEC), file);
    const time = new Date(statSync(path).mtimeMs - minutes * MINUTE_MS);
    utimesSync(path, time, time);
  }
}

const WRITTEN = ["log", "heard", "job"] as const;

/** A server after that one, which has looked. */
async function next() {
  const another = subject.another();
  expect(await observeOne(another, SPEC)).toMatchObject({ kind: "running" });
  return another;
}

test("a job that was silent for all of its time while no server ran is ended by the next one", async () => {
  await leave();
  dateBack(11, WRITTEN);
  const { outcome } = await ended(await next(), SPEC);
  expect(outcome).toEqual({ kind: "no-output", silent_ms: LIMIT_MS });
});

test("one that was silent for more than half of it is warned of, with all of its silence", async () => {
  await leave();
  dateBack(6, WRITTEN);
  const { silentMs = 0 } = (await next()).silence(SPEC) ?? {};
  expect(silentMs).toBeGreaterThanOrEqual(6 * MINUTE_MS - 1000);
  expect(silentMs).toBeLessThan(LIMIT_MS);
});

test.each(["log", "heard"])(
  "one that wrote meanwhile, as %s tells, is not silent",
  async (file) => {
    await leave();
    dateBack(
      11,
      WRITTEN.filter((each) => each !== file),
    );
    expect((await next()).silence(SPEC)).toBeNull();
  },
);

test("one that has just begun is not silent, however old its log is", async () => {
  await leave();
  dateBack(11, ["log", "heard"]);
  expect((await next()).silence(SPEC)).toBeNull();
});

test("a clock that was set meanwhile makes no silence, and a box that slept makes none either", async () => {
  await leave();
  const control = subject.control(SPEC);
  const uptimeMs = Number.parseFloat(await Bun.file("/proc/uptime").text()) * 1000;
  const silence = (clocks: { wallMs: number; uptimeMs: number; suspendedMs: number }) =>
    silenceOf(control, watchSilence(control, { limitMs: LIMIT_MS, now: 0, clocks }), 0);
  const later = 20 * MINUTE_MS;
  const now = { wallMs: Date.now(), uptimeMs, suspendedMs: 0 };
  const off = (ms: number) => expect.closeTo(ms, -4);
  expect(silence({ ...now, wallMs: now.wallMs + later, uptimeMs: uptimeMs + later })).toEqual(
    off(later),
  );
  expect(silence({ ...now, wallMs: now.wallMs + later })).toEqual(off(0));
  expect(silence({ ...now, wallMs: now.wallMs - later, uptimeMs: uptimeMs + later })).toBe(0);
  const slept = { suspendedMs: later, wallMs: now.wallMs + later, uptimeMs: uptimeMs + later };
  expect(silence(slept)).toEqual(off(0));
});
