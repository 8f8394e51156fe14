// Tests of `ml show` and `ml why`, as processes against a real socket.
import { describe, expect, test } from "bun:test";
import { FetchmlError, SERVER_HEADER, type JobDetail } from "@fetchml/protocol";
import { endedJob, sampleJob, SOME_TIME } from "../testing/samples.fixture.ts";
import { servedBench } from "../testing/served-bench.fixture.ts";

const here = servedBench();

const DETAIL: JobDetail = {
  ...endedJob(3, { retries: 1, attempt: 2, timeout_ms: 21_600_000 }),
  attempts: [
    {
      number: 1,
      started_at: SOME_TIME,
      ended_at: SOME_TIME + 5000,
      gpu_uuids: ["GPU-1"],
      outcome: { kind: "signalled", signal: "SIGSEGV" },
    },
    {
      number: 2,
      started_at: SOME_TIME + 6000,
      ended_at: SOME_TIME + 65_000,
      gpu_uuids: ["GPU-1"],
      outcome: { kind: "exited", exit_code: 3 },
    },
  ],
  private: {
    command: { shell: "python3 train.py", args: ["--name", "it's"] },
    cwd: "sub",
    env: { EPOCHS: "5" },
    snapshot: "a".repeat(64),
    git: { commit: "0123456789abcdef0123456789abcdef01234567", branch: "main", dirty: true },
    redo_of: null,
    retry_on: ["lost", "host-oom", "exited"],
    setup: null,
    mounts: [],
    secrets: [],
  },
};

/** One that lists no outputs yet. */
function olderServer(): Response {
  const error = { code: -32601, message: "No such address.", data: { code: "method-not-found" } };
  return Response.json({ error }, { status: 404, headers: { [SERVER_HEADER]: "0.1.0" } });
}

describe("ml show", () => {
  test("warns of a running job that is silent, and says how long it may be", async () => {
    const job = sampleJob({ state: "running", reason: null, attempt: 1, no_output_ms: 600_000 });
    const silence = { silent_ms: 420_000, limit_ms: 600_000 };
    here.serve({ "job.get": () => ({ ...job, attempts: [], silence }) });
    const { stdout } = await here.ml("show 12");
    expect(stdout).toMatch(/^Silence +ends it after 10m$/m);
    expect(stdout).toMatch(/^Warning +nothing written for 7m; ended when that has lasted 10m$/m);
  });

  test("shows all there is to see, attempts last", async () => {
    here.serve({ "job.get": () => DETAIL });
    const { code, stdout } = await here.ml("show 12");
    expect(code).toBe(0);
    expect(stdout).toContain("12 train (alice)");
    expect(stdout).toMatch(/^State +failed \(exit 3\)\nOutcome +exited with code 3$/m);
    expect(stdout).toContain(String.raw`python3 train.py --name 'it'\''s'`);
    expect(stdout).toContain("EPOCHS=5");
    expect(stdout).toMatch(/^Git +main at 0123456789ab, dirty$/m);
    expect(stdout).toMatch(/^ +1 {2}.* was ended by SIGSEGV$/m);
    expect(stdout).toMatch(/^ +2 {2}.* exited with code 3$/m);
    expect(here.paramsOf("job.get")).toEqual([{ job: "12" }]);
  });

  test("shows what memory an attempt used at most: counted, or at the least, or nothing", async () => {
    const [first, second] = DETAIL.attempts;
    if (first === undefined || second === undefined) throw new Error("no attempts");
    const attempts = [
      { ...first, peak_mem_bytes: 3 * 1024 ** 3, peak_mem_of: "attempt" as const },
      { ...second, peak_mem_bytes: 5 * 1024 ** 2, peak_mem_of: "process" as const },
      { ...second, number: 3 },
    ];
    here.serve({ "job.get": () => ({ ...DETAIL, attempts }) });
    const { stdout } = await here.ml("show 12");
    expect(stdout).toMatch(/^ATTEMPT .* MEMORY {2}OUTCOME$/m);
    expect(stdout).toMatch(/^ +1 .* {4}3 GiB {2}was ended by SIGSEGV$/m);
    expect(stdout).toMatch(/^ +2 .* ≥ 5 MiB {2}exited with code 3$/m);
    expect(stdout).toMatch(/^ +3 .* {9,}exited with code 3$/m);
    here.serve({ "job.get": () => DETAIL });
    expect((await here.ml("show 12")).stdout).not.toContain("MEMORY");
  });

  test("prints the API's shape with --json, and one attempt where one was named", async () => {
    here.serve({ answers: { "job.get": () => DETAIL }, http: olderServer });
    expect(JSON.parse((await here.ml("show 12 --json")).stdout)).toEqual(DETAIL);
    const one = JSON.parse((await here.ml("show 12#2 --json")).stdout);
    expect(one.attempts).toEqual(DETAIL.attempts.slice(1));
    expect((await here.ml("show 12#3")).code).toBe(6);
  });

  test("exits 6 for a job that the server does not know", async () => {
    here.serve({
      "job.get": () => {
        throw new FetchmlError("job-not-found", 'There is no job "nope".');
      },
    });
    const { code, stdout, stderr } = await here.ml("show nope");
    expect([code, stdout, stderr]).toEqual([6, "", 'There is no job "nope".\n']);
  });

  test("exits 2 for what can be no job", async () => {
    for (const word of ["../x", "a b", "#2", "12#0"]) {
      expect((await here.bench.ml(["show", word], { apiUrl: "ws://127.0.0.1:1/ws" })).code).toBe(2);
    }
  });

  test("shows at most three lines of a server's error, without its control sequences", async () => {
    here.serve({
      "job.get": () => {
        throw new FetchmlError("conflict", "one\u001B[2J\ntwo\nthree\nfour");
      },
    });
    const { code, stderr } = await here.ml("show 12");
    expect(code).toBe(5);
    expect(stderr).toMatch(/^one[^\p{Cc}]*\ntwo\nthree\n$/u);
  });
});

describe("ml why", () => {
  test("tells what a job waits for and behind whom", async () => {
    here.serve({
      "job.why": () => ({
        job: sampleJob(),
        lines: ["It waits for 1 GPU."],
        behind: [10, 11],
        log_tail: null,
      }),
    });
    expect((await here.ml("why train")).stdout).toBe(
      "12 train: queued (resources)\nIt waits for 1 GPU.\nBehind: 10, 11\n",
    );
  });

  test("shows the last lines of a log as text that is safe", async () => {
    const answer = {
      job: endedJob(1),
      lines: ["It exited with code 1."],
      behind: [],
      log_tail: "10%\r100%\n\u001B]0;x\u0007Traceback",
    };
    here.serve({ "job.why": () => answer });
    expect((await here.ml("why 12")).stdout).toEndWith("Last lines of its log\n100%\nTraceback\n");
    expect(JSON.parse((await here.ml("why 12 --json")).stdout)).toEqual(answer);
  });
});
