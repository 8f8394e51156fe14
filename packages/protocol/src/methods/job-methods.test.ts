// Tests of what the methods about jobs accept.
import { describe, expect, test } from "bun:test";
import { jobMethods, SubmitParams } from "./job-methods.ts";

const SUBMIT: SubmitParams = {
  name: "train",
  command: { shell: "python3 train.py", args: [] },
  cwd: "",
  env: {},
  resources: { gpus: 0, cpus: 1, mem_bytes: 0 },
  timeout_ms: null,
  retries: 0,
  begin_at: null,
  hold: false,
  snapshot: null,
};

describe("job.submit", () => {
  test("accepts the least and the most that a job can say", () => {
    expect(SubmitParams.safeParse(SUBMIT).success).toBe(true);
    const most = {
      ...SUBMIT,
      name: "x".repeat(63),
      command: { argv: ["a", ""] },
      cwd: "sub/folder",
      env: { A: "", _B1: "line\nline" },
      resources: { gpus: 1024, cpus: 65_536, mem_bytes: Number.MAX_SAFE_INTEGER },
      timeout_ms: 1000,
      retries: 1000,
      begin_at: 1_700_000_000_000,
      hold: true,
      snapshot: "0".repeat(64),
      git: { commit: "0".repeat(40), branch: "feature/x", dirty: true },
      submission: "12345678",
    };
    expect(SubmitParams.safeParse(most).success).toBe(true);
    const unborn = { ...SUBMIT, git: { commit: null, branch: null, dirty: null } };
    expect(SubmitParams.safeParse(unborn).success).toBe(true);
    expect(SubmitParams.safeParse({ ...SUBMIT, git: null }).success).toBe(true);
  });

  const refused: readonly (readonly [string, Record<string, unknown>])[] = [
    ["a reserved name", { name: "status" }],
    ["a name with a space", { name: "a b" }],
    ["a name that climbs", { name: "../a" }],
    ["an empty command", { command: { argv: [] } }],
    ["an empty shell line", { command: { shell: "", args: [] } }],
    ["a command of no known form", { command: "python3" }],
    ["a NUL in a word of the command", { command: { argv: ["echo", "a\0b"] } }],
    ["a NUL in a shell line", { command: { shell: "a\0b", args: [] } }],
    ["a NUL in an argument of a shell line", { command: { shell: "a", args: ["a\0b"] } }],
    ["a NUL in the folder", { cwd: "a\0b" }],
    ["a NUL in a variable", { env: { A: "a\0b" } }],
    ["a variable's name with =", { env: { "A=B": "c" } }],
    ["a variable's name that begins with a digit", { env: { "1A": "c" } }],
    ["half a GPU", { resources: { gpus: 0.5, cpus: 1, mem_bytes: 0 } }],
    ["GPUs below zero", { resources: { gpus: -1, cpus: 1, mem_bytes: 0 } }],
    ["no CPU", { resources: { gpus: 0, cpus: 0, mem_bytes: 0 } }],
    ["memory below zero", { resources: { gpus: 0, cpus: 1, mem_bytes: -1 } }],
    ["more memory than a number can say", { resources: { gpus: 0, cpus: 1, mem_bytes: 2 ** 60 } }],
    ["a timeout below a second", { timeout_ms: 999 }],
    ["retries below zero", { retries: -1 }],
    ["more retries than 1000", { retries: 1001 }],
    ["a snapshot that is no hash", { snapshot: "../../etc/passwd" }],
    ["a commit that is no hash", { git: { commit: "HEAD", branch: "main", dirty: true } }],
    ["a state of Git without a word on dirt", { git: { commit: null, branch: "main" } }],
    ["a hash in capitals", { snapshot: "A".repeat(64) }],
    ["a submission word that could clash by chance", { submission: "1234567" }],
    ["a missing field", { hold: undefined }],
  ];
  for (const [what, change] of refused) {
    test(`refuses ${what}`, () => {
      expect(SubmitParams.safeParse({ ...SUBMIT, ...change }).success).toBe(false);
    });
  }

  test("says what is wrong with a name, and quotes it", () => {
    const answer = SubmitParams.safeParse({ ...SUBMIT, name: "a b" });
    expect(answer.error?.issues[0]?.message).toBe(
      `job name "a b" may hold only letters, digits, '.', '_' and '-', and starts with a letter or digit`,
    );
  });
});

describe("job.cancel", () => {
  const { params } = jobMethods["job.cancel"];

  test("wants jobs or all, and never all by accident", () => {
    expect(params.safeParse({ jobs: ["12"] }).success).toBe(true);
    expect(params.safeParse({ all: true, now: true }).success).toBe(true);
    for (const wrong of [{}, { jobs: [] }, { all: false }, { jobs: [""] }, { jobs: "12" }]) {
      expect([wrong, params.safeParse(wrong).success]).toEqual([wrong, false]);
    }
  });
});

describe("job.list", () => {
  const { params } = jobMethods["job.list"];

  test("gives 1 to 1000 jobs at a time", () => {
    for (const limit of [1, 1000]) expect(params.safeParse({ limit }).success).toBe(true);
    for (const limit of [0, 1001, 1.5, -1]) expect(params.safeParse({ limit }).success).toBe(false);
  });

  test("refuses a state that does not exist", () => {
    expect(params.safeParse({ states: ["timed-out"] }).success).toBe(true);
    expect(params.safeParse({ states: ["done"] }).success).toBe(false);
  });
});

describe("job.edit", () => {
  const { params } = jobMethods["job.edit"];

  test("holds what it changes to the limits of a submit", () => {
    expect(params.safeParse({ job: "12", cpus: 1, timeout_ms: null, first: true }).success).toBe(
      true,
    );
    for (const wrong of [{ cpus: 0 }, { gpus: -1 }, { timeout_ms: 1 }, { first: false }]) {
      expect(params.safeParse({ job: "12", ...wrong }).success).toBe(false);
    }
  });
});
