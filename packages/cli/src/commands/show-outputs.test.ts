// Tests of what `ml show` tells of outputs, as a process against a real socket.
import { describe, expect, test } from "bun:test";
import {
  FetchmlError,
  SERVER_HEADER,
  type AttemptOutputs,
  type JobDetail,
  type OutputEntry,
  type OutputLine,
} from "@fetchml/protocol";
import { endedJob, SOME_TIME } from "../testing/samples.fixture.ts";
import { servedBench } from "../testing/served-bench.fixture.ts";

const here = servedBench();

const JOB: JobDetail = {
  ...endedJob(0),
  attempts: [
    {
      number: 1,
      started_at: SOME_TIME,
      ended_at: SOME_TIME + 5000,
      gpu_uuids: [],
      outcome: { kind: "exited", exit_code: 0 },
    },
  ],
  private: {
    command: { argv: ["true"] },
    cwd: "",
    env: {},
    snapshot: null,
    git: null,
    redo_of: null,
    retry_on: ["lost", "host-oom", "exited"],
    setup: null,
    mounts: [],
    secrets: [],
  },
};

function file(path: string, sizeBytes = 1000): OutputEntry {
  return {
    kind: "file",
    path,
    size_bytes: sizeBytes,
    modified_at: SOME_TIME,
    executable: false,
  };
}

function outputs(entries: readonly OutputEntry[], changes: Partial<AttemptOutputs> = {}) {
  const attempt: AttemptOutputs = {
    attempt: 1,
    ended: true,
    file_count: entries.filter(({ kind }) => kind === "file").length,
    size_bytes: 2048,
    complete: true,
    entries: [...entries],
    ...changes,
  };
  return { job_id: 12, attempts: [attempt] };
}

describe("the outputs in ml show", () => {
  test("are listed with their sizes, and the rest is counted", async () => {
    const entries = [
      file("model.pt", 1536),
      { kind: "symlink", path: "latest", target: "model.pt" } as const,
      { kind: "left-out", path: "pipe", reason: "not-a-file" } as const,
    ];
    here.serve({ "job.get": () => JOB, "output.list": () => outputs(entries, { file_count: 24 }) });
    const { stdout } = await here.ml("show 12");
    expect(stdout).toContain("\nOutputs of attempt 1  24 files, 2 KiB\n");
    expect(stdout).toMatch(/^1.5 KiB {2}\S+ \S+ {2}model.pt$/m);
    expect(stdout).toMatch(/^ +latest -> model.pt$/m);
    expect(stdout).toMatch(/^ +pipe \(no file\)$/m);
    expect(stdout).toEndWith("\n… and 23 more: ml show 12 --outputs\n");
    expect(here.paramsOf("output.list")).toEqual([{ job: "12", limit: 20 }]);
  });

  test("of a running attempt are told as such, and a count that is not whole as well", async () => {
    const list = () => outputs([file("a")], { ended: false, complete: false, file_count: 100_000 });
    here.serve({ "job.get": () => JOB, "output.list": list });
    const { stdout } = await here.ml("show 12");
    expect(stdout).toContain("  more than 100000 files, 2 KiB, so far\n");
    expect(stdout).toEndWith("\n… and more: ml show 12 --outputs\n");
  });

  test("are shown with nothing in their names that a terminal would obey", async () => {
    const name = "a\u001B[2Jb\nc\u202Ed\te";
    here.serve({ "job.get": () => JOB, "output.list": () => outputs([file(name)]) });
    expect((await here.ml("show 12")).stdout).toContain("a^[[2Jb^Jc<U+202E>d^Ie\n");
  });

  test("are shown shortened where a name, or what a link leads to, is very long", async () => {
    const long = "x".repeat(4000);
    const entries = [
      { kind: "symlink", path: "l", target: `a${long}z` } as const,
      file(`b${long}`),
    ];
    here.serve({ "job.get": () => JOB, "output.list": () => outputs(entries) });
    const { stdout } = await here.ml("show 12");
    expect(stdout).toMatch(/ l -> ax+…x+z\n/);
    expect(stdout).toMatch(/ bx+…x+\n/);
    expect(Math.max(...stdout.split("\n").map(({ length }) => length))).toBeLessThan(200);
  });

  test("are not mentioned where there are none, or they are not for whoever asks", async () => {
    here.serve({ "job.get": () => JOB, "output.list": () => ({ job_id: 12, attempts: [] }) });
    expect((await here.ml("show 12")).stdout).not.toContain("Outputs");
    await here.server.close();
    const refuse = () => {
      throw new FetchmlError("job-not-found", "There are no outputs that you may have.");
    };
    here.serve({ "job.get": () => JOB, "output.list": refuse });
    const { code, stdout, stderr } = await here.ml("show 12");
    expect([code, stderr, stdout.includes("Outputs")]).toEqual([0, "", false]);
  });

  test("are all in the JSON, of one attempt where one was named", async () => {
    const asked = serveListing([{ line: "entry", attempt: 1, entry: file("model.pt") }], true);
    const shown = JSON.parse((await here.ml("show 12 --json")).stdout);
    expect(shown).toEqual({ ...JOB, outputs: [{ attempt: 1, ...file("model.pt") }] });
    await here.ml("show 12#1 --json");
    expect(asked).toEqual(["/jobs/12/outputs", "/jobs/12%231/outputs"]);
    expect(JSON.parse((await here.ml("show 12 --json --outputs")).stdout)).toEqual(shown);
  });
});

describe("ml show --outputs", () => {
  test("lists every one with its whole name, and nothing else", async () => {
    const long = "x".repeat(300);
    const names = Array.from({ length: 50 }, (_, i) => `${long}${i}`);
    const lines: OutputLine[] = names.map((name) => ({
      line: "entry",
      attempt: 1,
      entry: file(name),
    }));
    const link = { kind: "symlink", path: "l\u001B", target: `a${long}z` } as const;
    const pipe = { kind: "left-out", path: "p", reason: "not-a-file" } as const;
    lines.push(
      { line: "entry", attempt: 2, entry: link },
      { line: "entry", attempt: 2, entry: pipe },
    );
    const asked = serveListing(lines, true);
    const { code, stdout } = await here.ml("show 12 --outputs");
    const shown = stdout.split("\n");
    expect(code).toBe(0);
    expect(shown[0]).toBe("Outputs of attempt 2  0 files, 0 B, so far");
    expect(shown[1]).toMatch(/^ +l\^\[ -> ax+…x+z$/);
    expect(shown[2]).toMatch(/^ +p \(no file\)$/);
    expect(shown[3]).toBe("Outputs of attempt 1  50 files, 48.8 KiB");
    expect(
      shown.slice(4, -1).map((line) => /^1000 B {2}\S+ \S+ {2}(\S+)$/.exec(line)?.[1]),
    ).toEqual(names);
    await here.ml("show 12#2 --outputs");
    expect(asked).toEqual(["/jobs/12/outputs", "/jobs/12%232/outputs"]);
  });

  test("says that there is nothing, and that there is more than the server lists", async () => {
    serveListing([], true);
    expect((await here.ml("show 12 --outputs")).stdout).toBe(
      "Job 12 (train) has left nothing in $ML_OUTPUT_DIR.\n",
    );
    await here.server.close();
    serveListing([{ line: "entry", attempt: 1, entry: file("a") }], false);
    expect((await here.ml("show 12 --outputs")).stdout).toEndWith(
      "  a\nThere is more: the server lists no more than this.\n",
    );
  });
});

/** Serves the whole list; answers the paths that it is asked for by. */
function serveListing(entries: readonly OutputLine[], complete: boolean): readonly string[] {
  const asked: string[] = [];
  const http = (request: Request) => {
    asked.push(new URL(request.url).pathname);
    const attempts = [
      { attempt: 1, ended: true },
      { attempt: 2, ended: false },
    ];
    const lines = [
      { line: "job", job_id: 12, name: "train", attempts },
      ...entries,
      { line: "end", complete },
    ];
    const body = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
    return new Response(body, { headers: { [SERVER_HEADER]: "0.1.0" } });
  };
  here.serve({ answers: { "job.get": () => JOB }, http });
  return asked;
}
