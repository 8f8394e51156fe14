// What a command is handed comes in order; one that nobody reads keeps its place, and what it has said.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import type { AttemptExec } from "../../domain/attempt-exec.ts";
import { ended, ready, shellSpec, waitFor } from "../attempt.fixture.ts";
import { localOptions, localSubject, type LocalSubject } from "../local/local-executor.fixture.ts";
import { createAttemptExec, MOST_BESIDE_ONE } from "./attempt-exec.ts";
import { finished } from "./command.fixture.ts";

let subject: LocalSubject;
let exec: AttemptExec;
const job = shellSpec("echo ready; while :; do sleep 0.05; done");

beforeEach(async () => {
  subject = await localSubject();
  const local = localOptions(subject.dataDir);
  exec = createAttemptExec({ local, executor: subject.executor });
  await subject.executor.start(job);
  await ready(subject, job);
});
afterEach(async () => {
  await exec.close();
  await subject.close();
});

test("bytes of calls that do not wait for each other come in the order of the calls, and then the end", async () => {
  const command = await exec.start(job, ["sh", "-c", "sleep 0.2; cat"]);
  const pieces = Array.from("abcdefghij").map((letter) => letter.repeat(40_000));
  const written = pieces.map((piece) => command.write(Buffer.from(piece)));
  command.endInput();
  written.push(command.write(Buffer.from("after the end")));
  const { stdout, code } = await finished(command);
  expect(stdout.length).toBe(400_000);
  expect([stdout === pieces.join(""), code]).toEqual([true, 0]);
  await Promise.all(written);
});

test("a command that has ended keeps its place until that was read or it was closed", async () => {
  await finished(await exec.start(job, ["true"]));
  const before = descriptors();
  const all = await Promise.all(
    Array.from({ length: MOST_BESIDE_ONE }, () => exec.start(job, ["sh", "-c", "echo said"])),
  );
  // Of each, two pipes are left to be read.
  await waitFor("the news of their end", () => descriptors() <= before + 2 * MOST_BESIDE_ONE);
  const another = () => exec.start(job, ["true"]).catch((error: unknown) => error);
  expect(await another()).toMatchObject({ code: "quota-exceeded" });
  const [first, second] = all;
  if (first === undefined || second === undefined) throw new Error("too few");
  expect(await finished(first)).toEqual({ stdout: "said\n", stderr: "", code: 0 });
  await finished(await exec.start(job, ["true"]));
  second.close();
  await waitFor("its place", async () => !((await another()) instanceof Error));
  for (const each of all) each.close();
  await exec.close();
  await waitFor("the end of all descriptors", () => descriptors() <= before);
});

test("a command that has ended can be read after the end of its attempt", async () => {
  await finished(await exec.start(job, ["true"]));
  const before = descriptors();
  const command = await exec.start(job, ["sh", "-c", "echo said; exit 5"]);
  await waitFor("the news of its end", () => descriptors() <= before + 2);
  await subject.executor.cancel(job, 0);
  await ended(subject.executor, job);
  expect(await finished(command)).toEqual({ stdout: "said\n", stderr: "", code: 5 });
});

function descriptors(): number {
  return readdirSync("/proc/self/fd").length;
}
