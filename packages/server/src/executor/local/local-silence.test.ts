// A job whose output finds no room is not taken for a silent one, and one that turns silent then still is.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { attemptSpec, ended, shellSpec } from "../attempt.fixture.ts";
import { localSubject, type LocalSubject } from "./local-executor.fixture.ts";

const MIB = 1024 ** 2;

let folder: string;
let subject: LocalSubject;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-silence-"));
  // As on a file system that gives nothing back of the middle of a file.
  const fallocate = join(folder, "fallocate");
  writeFileSync(fallocate, "#!/bin/sh\nexit 1\n");
  chmodSync(fallocate, 0o755);
  const path = `${folder}:/usr/local/bin:/usr/bin:/bin`;
  subject = await localSubject({ baseEnv: { PATH: path, LANG: "C.UTF-8" } });
});
afterEach(async () => {
  await subject.close();
  rmSync(folder, { recursive: true });
});

const printing = (then: string) =>
  shellSpec(`head -c ${2 * MIB} /dev/zero; ${then}`, {
    limits: { ...attemptSpec().limits, maxLogBytes: MIB, noOutputMs: 2500 },
  });

test("a job whose log has ended at its limit goes on for as long as it prints", async () => {
  const spec = printing("for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.5; echo $i; done; exit 7");
  await subject.executor.start(spec);
  const { outcome } = await ended(subject.executor, spec);
  expect(outcome).toEqual({ kind: "exited", exit_code: 7 });
  expect(await subject.log(spec)).toContain("the rest of it is missing");
}, 60_000);

test("a job whose log has ended at its limit is ended once it prints nothing", async () => {
  const spec = printing("exec sleep 1000");
  await subject.executor.start(spec);
  const { outcome } = await ended(subject.executor, spec);
  expect(outcome).toEqual({ kind: "no-output", silent_ms: 2500 });
}, 60_000);
