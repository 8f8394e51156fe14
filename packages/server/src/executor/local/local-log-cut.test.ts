// A log that grows without end keeps its head and its tail, takes no more of the disk than it may, and says what is missing.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { statSync } from "node:fs";
import { attemptFolder } from "../../domain/attempt-folder.ts";
import { offsetOfLastLines } from "../../logs/last-lines.ts";
import { cutOf } from "../../logs/log-cut.ts";
import { readLog } from "../../logs/read-log.ts";
import { attemptSpec, ended, observeOne, shellSpec, waitFor } from "../attempt.fixture.ts";
import { localSubject, type LocalSubject } from "./local-executor.fixture.ts";

const MIB = 1024 ** 2;
const LINE = "0123456789".repeat(10);

let subject: LocalSubject;
beforeEach(async () => {
  subject = await localSubject();
});
afterEach(() => subject.close());

/** A job that prints so many numbered lines of 109 bytes, with a log of 2 MiB. */
function printing(lines: number, then = "exit 7") {
  const print = `awk 'BEGIN { for (i = 1; i <= ${lines}; i++) printf "%07d ${LINE}\\n", i }'`;
  return shellSpec(`${print}; ${then}`, {
    limits: { ...attemptSpec().limits, maxLogBytes: 2 * MIB },
  });
}

const logOf = () => attemptFolder(subject.dataDir, attemptSpec()).log;

/** The whole log, as a reader gets it who begins at an offset. */
async function readFrom(offset: number): Promise<string> {
  let text = "";
  for (let at = offset; ;) {
    const piece = await readLog({ path: logOf(), offset: at, limitBytes: 100_000 });
    if (piece.nextOffset === at) return text;
    text += piece.bytes.toString();
    at = piece.nextOffset;
  }
}

test("head and tail are kept, the cut is marked with what is missing, and offsets stay", async () => {
  const lines = 100_000;
  await subject.executor.start(printing(lines));
  const { outcome } = await ended(subject.executor, attemptSpec());
  expect(outcome).toEqual({ kind: "exited", exit_code: 7 });

  const { size, blocks } = statSync(logOf());
  expect(size).toBe(lines * 109);
  expect(blocks * 512).toBeLessThanOrEqual(2 * MIB + 131_072);

  const cut = (await cutOf(logOf())) ?? { from: 0, to: 0 };
  expect(cut.from).toBe(MIB);
  expect(size - cut.to).toBeGreaterThanOrEqual((2 * MIB * 3) / 8);
  const text = await readFrom(0);
  const [head = "", said = "", tail = ""] = text.split(/\n(fetchml: .*)\n/);
  expect(said).toContain(`(${cut.to - cut.from} bytes) of the log are left out here`);
  expect(head.length).toBe(cut.from);
  expect(tail.length).toBe(size - cut.to);
  const all = Array.from({ length: lines }, (_, at) => `${`${at + 1}`.padStart(7, "0")} ${LINE}\n`);
  const whole = all.join("");
  expect(whole.startsWith(head)).toBe(true);
  expect(whole.endsWith(tail)).toBe(true);
}, 30_000);

test("last lines are found behind the cut, and where they reach back to it, it is told of", async () => {
  await subject.executor.start(printing(100_000));
  await ended(subject.executor, attemptSpec());
  const last = await readFrom(await offsetOfLastLines(logOf(), 2));
  expect(last).toBe(`0099999 ${LINE}\n0100000 ${LINE}\n`);
  const from = await offsetOfLastLines(logOf(), 90_000);
  expect(from).toBe(MIB);
  expect((await readFrom(from)).slice(0, 100)).toStartWith("\nfetchml: ");
}, 30_000);

test("a reader inside the cut is told how much is missing from there on", async () => {
  await subject.executor.start(printing(100_000));
  await ended(subject.executor, attemptSpec());
  const { to } = (await cutOf(logOf())) ?? { to: 0 };
  expect((await readFrom(to - 1000)).slice(0, 100)).toStartWith(
    "\nfetchml: 1000 B (1000 bytes) of the log",
  );
}, 30_000);

test("the job goes on beyond the limit, and its log stays small across a restart of the server", async () => {
  const spec = printing(60_000, "exec yes");
  await subject.executor.start(spec);
  await waitFor("a cut", async () => (await cutOf(logOf())) !== null);
  await subject.executor.close();
  const size = () => statSync(logOf()).size;
  await waitFor("more of the log", () => size() > 40 * MIB);
  expect(statSync(logOf()).blocks * 512).toBeLessThanOrEqual(2 * MIB + 2 * 131_072);
  const another = subject.another();
  expect(await observeOne(another, spec)).toMatchObject({ kind: "running" });
  await another.cancel(spec, 0);
  await ended(another, spec);
}, 30_000);

test("a log that just fits is left whole", async () => {
  await subject.executor.start(printing(19_000));
  await ended(subject.executor, attemptSpec());
  expect(await cutOf(logOf())).toBeNull();
  expect((await readFrom(0)).length).toBe(19_000 * 109);
});
