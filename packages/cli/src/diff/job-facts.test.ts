// Tests of what is told to differ between two jobs beside their code.
import { describe, expect, test } from "bun:test";
import type { JobDetail, JobPrivate } from "@fetchml/protocol";
import { factChangesText } from "../render/fact-changes.ts";
import { NO_COLOURS } from "../render/palette.ts";
import { sampleJob } from "../testing/samples.fixture.ts";
import { compareFacts, type FactsOf } from "./job-facts.ts";

const OWN: JobPrivate = {
  command: { argv: ["true"] },
  cwd: "",
  env: {},
  snapshot: null,
  setup: null,
  git: null,
  redo_of: null,
  retry_on: [],
  mounts: [],
  secrets: [],
};

function facts(own: Partial<JobPrivate>, job: Partial<JobDetail> = {}): FactsOf {
  return { job: { ...sampleJob(job), attempts: [] }, own: { ...OWN, ...own } };
}

const told = (before: FactsOf, after: FactsOf) =>
  factChangesText(compareFacts(before, after), NO_COLOURS);

describe("compareFacts()", () => {
  test("tells nothing of what makes no other job: its id, its state, its times, what it does again", () => {
    const before = facts({}, { id: 1, state: "queued", created_at: 1, pinned: true });
    expect(told(before, facts({ redo_of: 1 }, { id: 2, state: "running", created_at: 2 }))).toBe(
      "",
    );
  });

  test("shows setup, what starts it again, mounts and Git, each by its part that differs", () => {
    const before = facts({
      setup: { command: "uv sync", key: null },
      retry_on: ["lost"],
      mounts: ["/data"],
    });
    const after = facts({
      setup: { command: "uv sync", key: ["uv.lock"] },
      retry_on: ["lost", "exited"],
      git: { commit: null, branch: "main", dirty: true },
    });
    expect(told(before, after)).toBe(
      [
        "setup",
        "  - key null",
        '  + key ["uv.lock"]',
        "retry_on",
        '  + "exited"',
        "mounts",
        '  - "/data"',
        "git",
        "  + main before its first commit, dirty",
        "",
      ].join("\n"),
    );
  });

  test("tells needs and limits apart that read alike in short", () => {
    const hour = 3_600_000;
    const before = facts({}, { mem_bytes: 1024 ** 3, timeout_ms: 2 * hour, no_output_ms: hour });
    const after = facts(
      {},
      { mem_bytes: 1024 ** 3 + 1, timeout_ms: 2 * hour + 10_000, no_output_ms: hour + 1 },
    );
    expect(told(before, after).match(/^ {2}\+.*/gm)).toEqual([
      "  + 1 GPU, 4 CPUs, 1 GiB (1073741825 B)",
      "  + 2h (7210000ms)",
      "  + 1h (3600001ms)",
    ]);
  });

  test("writes out what a terminal would obey, so that nothing is hidden and nothing reads alike", () => {
    const before = facts({ command: { shell: "a\nb", args: [] }, env: { X: "red" } });
    const after = facts({
      command: { shell: "a b", args: [] },
      env: { X: "\u001B[31mred\u009B0m\t\u202E" },
      mounts: ["/\u0007"],
    });
    expect(told(before, after)).toBe(
      [
        "command",
        "  - a^Jb",
        "  + a b",
        "env",
        "  - X=red",
        "  + X='^[[31mred<U+009B>0m^I<U+202E>'",
        "mounts",
        String.raw`  + "/\u0007"`,
        "",
      ].join("\n"),
    );
  });
});
