// A job that goes beyond a bound is ended also where that cannot be written down, as on a full disk.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync, mkdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { attemptSpec, ended, ready, shellSpec, waitFor } from "../attempt.fixture.ts";
import { localSubject, type LocalSubject } from "./local-executor.fixture.ts";

let subject: LocalSubject;
beforeEach(async () => {
  subject = await localSubject();
});
afterEach(() => subject.close());

const silent = (shell: string) =>
  shellSpec(shell, { limits: { ...attemptSpec().limits, noOutputMs: 1000 } });

/** Takes the place of the file that is written first, so that no account can write it. */
const obstacleIn = (control: string) => join(control, `guarded.${process.pid}.new`);

test("a silent job that ignores TERM gets it once, and KILL when its grace is over", async () => {
  const spec = silent("trap 'echo term' TERM; echo ready; while :; do sleep 0.1; done");
  await subject.executor.start(spec);
  mkdirSync(obstacleIn(subject.control(spec)));
  await ready(subject, spec);
  await waitFor("TERM", async () => (await subject.log(spec)).includes("term"));
  const began = performance.now();
  const { outcome } = await ended(subject.executor, spec);
  expect(outcome).toEqual({ kind: "exited", exit_code: 137 });
  expect(performance.now() - began).toBeGreaterThan(10_000);
  expect((await subject.log(spec)).match(/^term$/gm)).toHaveLength(1);
}, 60_000);

test("a job that has got TERM is told of with its reason as soon as there is room for that", async () => {
  const spec = silent("trap 'echo term' TERM; echo ready; while :; do sleep 0.1; done");
  await subject.executor.start(spec);
  const control = subject.control(spec);
  mkdirSync(obstacleIn(control));
  await ready(subject, spec);
  await waitFor("TERM", async () => (await subject.log(spec)).includes("term"));
  rmdirSync(obstacleIn(control));
  await waitFor("the marker", () => existsSync(join(control, "guarded")));
  const { outcome } = await ended(subject.executor, spec);
  expect(outcome).toEqual({ kind: "no-output", silent_ms: 1000 });
  expect((await subject.log(spec)).match(/^term$/gm)).toHaveLength(1);
}, 60_000);
