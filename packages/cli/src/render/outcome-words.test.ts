// Tests of how a job stands or ended, in words.
import { describe, expect, test } from "bun:test";
import { endedJob, sampleJob } from "../testing/samples.fixture.ts";
import { endWords, outcomeWords, stateWords } from "./outcome-words.ts";

const MORE = '"ml why 12" tells more.';

describe("endWords()", () => {
  test("says each end in one sentence", () => {
    expect(endWords(endedJob(0))).toBe("Job 12 train succeeded.");
    expect(endWords(endedJob(3))).toBe(`Job 12 train failed: exited with code 3. ${MORE}`);
    const cancelled = { kind: "cancelled", by: "alice", exit_code: null } as const;
    expect(endWords(endedJob(1, { state: "cancelled", outcome: cancelled }))).toBe(
      `Job 12 train was cancelled by alice. ${MORE}`,
    );
    const timedOut = { kind: "timed-out", timeout_ms: 21_600_000 } as const;
    expect(endWords(endedJob(1, { state: "timed-out", outcome: timedOut }))).toBe(
      `Job 12 train ran out of its time of 6h. ${MORE}`,
    );
    expect(endWords(endedJob(1, { state: "lost", outcome: null }))).toBe(
      `Job 12 train lost. ${MORE}`,
    );
  });

  test("ends a sentence of the server with one full stop", () => {
    for (const message of ["its folder is gone", "its folder is gone."]) {
      const outcome = { kind: "failed-to-start", message } as const;
      expect(endWords(endedJob(1, { outcome }))).toBe(
        `Job 12 train failed: could not be started: its folder is gone. ${MORE}`,
      );
      expect(outcomeWords({ kind: "lost", message })).toBe("was lost: its folder is gone");
    }
  });

  test("does not call a job ended that will be tried again", () => {
    const again = endedJob(3, { state: "queued", reason: "retry-at" });
    expect(endWords(again)).toBe(
      `Job 12 train has ended one attempt: it exited with code 3. ${MORE}`,
    );
  });
});

describe("outcomeWords()", () => {
  test("says each end in words", () => {
    const gib = 1024 ** 3;
    const ends = [
      [{ kind: "exited", exit_code: 3 }, "exited with code 3"],
      [{ kind: "exited", exit_code: 139 }, "exited with code 139, as by SIGSEGV"],
      [{ kind: "exited", exit_code: 128 }, "exited with code 128"],
      [{ kind: "exited", exit_code: 255 }, "exited with code 255"],
      [{ kind: "signalled", signal: "SIGSEGV" }, "was ended by SIGSEGV"],
      [{ kind: "timed-out", timeout_ms: 60_000 }, "ran out of its time of 1m"],
      [{ kind: "cancelled", by: "alice", exit_code: 143 }, "was cancelled by alice"],
      [{ kind: "host-oom", limit_bytes: gib }, "ran out of its memory of 1 GiB"],
      [
        { kind: "disk-full", path: "box", exit_code: 1 },
        "found the disk of the box full, and exited with code 1",
      ],
      [
        { kind: "disk-full", path: "outputs", used_bytes: 2 * gib, limit_bytes: gib },
        "took 2 GiB of the disk, most of it in outputs, and may take 1 GiB",
      ],
      [{ kind: "no-output", silent_ms: 60_000 }, "was ended because it wrote nothing for 1m"],
      [{ kind: "lost", message: "the box restarted" }, "was lost: the box restarted"],
    ] as const;
    for (const [outcome, words] of ends) expect(outcomeWords(outcome)).toBe(words);
  });

  test("takes control sequences out of what a server says", () => {
    const outcome = { kind: "lost", message: "gone\u001B[2J\nfor good" } as const;
    expect(outcomeWords(outcome)).toBe("was lost: gone for good");
  });
});

describe("stateWords()", () => {
  test("says why a job waits and how it failed", () => {
    expect(stateWords(sampleJob({ reason: "held" }))).toBe("queued (held)");
    expect(stateWords(sampleJob({ reason: null }))).toBe("queued");
    expect(stateWords(endedJob(3))).toBe("failed (exit 3)");
    expect(stateWords(endedJob(1, { outcome: { kind: "host-oom", limit_bytes: null } }))).toBe(
      "failed (host-oom)",
    );
  });
});
