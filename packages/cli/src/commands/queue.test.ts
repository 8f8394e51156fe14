// Tests of `ml queue`, as a process with a project of its own against a real socket.
import { beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FetchmlError, RESERVED_JOB_NAMES, type SubmitParams } from "@fetchml/protocol";
import { sampleJob, sampleStatus } from "../testing/samples.fixture.ts";
import { servedBench } from "../testing/served-bench.fixture.ts";

const here = servedBench();

const ML_TOML = `
[jobs.train]
command = "python3 train.py"
gpus = 1
mem = "16G"
timeout = "6h"
retries = 2
env = { A = "file", B = "file" }

[jobs.list-words]
command = ["printf", "%s"]
`;

beforeEach(() => {
  writeFileSync(join(here.bench.project, "ml.toml"), ML_TOML);
  writeFileSync(join(here.bench.project, "train.py"), "print('hello')\n");
});

function serveSubmits() {
  return here.serve({ "job.submit": ({ name }) => ({ job: sampleJob({ name }), ahead: 2 }) });
}

function submitted(): SubmitParams {
  // `job.submit` is typed where ml makes the call.
  return here.paramsOf("job.submit").at(-1) as SubmitParams;
}

describe("ml queue NAME", () => {
  test("submits the secrets and the silence that ml.toml and the command line name, each secret once", async () => {
    serveSubmits();
    const text =
      '[jobs.train]\ncommand = "true"\nno_output = "30m"\nsecrets = ["HF_TOKEN", "WANDB"]\n';
    writeFileSync(join(here.bench.project, "ml.toml"), text);
    await here.ml("queue train");
    expect(submitted()).toMatchObject({
      no_output_ms: 1_800_000,
      secrets: ["HF_TOKEN", "WANDB"],
    });
    await here.ml("queue train --no-output 10m --secret WANDB --secret MORE");
    expect(submitted()).toMatchObject({
      no_output_ms: 600_000,
      secrets: ["HF_TOKEN", "WANDB", "MORE"],
    });
  });

  test("submits what ml.toml says, from the folder it is typed in", async () => {
    serveSubmits();
    const cwd = join(here.bench.project, "sub");
    mkdirSync(cwd);
    writeFileSync(join(cwd, "data.csv"), "");
    const { code, stdout, stderr } = await here.ml("queue train", { cwd });
    expect([code, stdout]).toEqual([0, "Queued 12 train (2 ahead)\n"]);
    expect(stderr).toBe('"ml logs -f 12" follows it.\n');
    const { snapshot, submission, ...rest } = submitted();
    expect(rest).toMatchObject({
      name: "train",
      command: { shell: "python3 train.py", args: [] },
      cwd: "sub",
      env: { A: "file", B: "file" },
      resources: { gpus: 1, cpus: 1, mem_bytes: 16 * 1024 ** 3 },
      timeout_ms: 21_600_000,
      retries: 2,
      begin_at: null,
      hold: false,
      git: null,
    });
    expect(snapshot).toMatch(/^[0-9a-f]{64}$/);
    expect(submission?.length).toBeGreaterThanOrEqual(8);
  });

  test("lets options win over ml.toml and appends what follows --", async () => {
    serveSubmits();
    const options =
      "--gpus 2 --cpus 4 --mem 1G --timeout none --retries 0 --env A=me --env C --hold";
    await here.ml(`queue train ${options} -- --epochs 5`, { env: { C: "here" } });
    expect(submitted()).toMatchObject({
      command: { shell: "python3 train.py", args: ["--epochs", "5"] },
      env: { A: "me", B: "file", C: "here" },
      resources: { gpus: 2, cpus: 4, mem_bytes: 1024 ** 3 },
      timeout_ms: null,
      retries: 0,
      hold: true,
    });
    await here.ml("submit list-words -- x y");
    expect(submitted().command).toEqual({ argv: ["printf", "%s", "x", "y"] });
    await here.ml("queue other -- true --json");
    expect(submitted()).toMatchObject({ name: "other", command: { argv: ["true", "--json"] } });
  });

  test("prints the job with --json", async () => {
    serveSubmits();
    const { stdout, stderr } = await here.ml("queue train --json");
    expect([JSON.parse(stdout), stderr]).toEqual([sampleJob(), ""]);
  });

  test("reads a time to begin", async () => {
    serveSubmits();
    const before = Date.now();
    await here.ml("queue train --begin +2h");
    const begin = (submitted().begin_at ?? 0) - 7_200_000;
    expect(begin).toBeGreaterThanOrEqual(before);
    expect(begin).toBeLessThanOrEqual(Date.now());
  });

  test("names near jobs and gives three lines to paste when there is no command", async () => {
    serveSubmits();
    const { code, stdout, stderr } = await here.ml("queue trian");
    expect(code).toBe(2);
    expect(stderr).toContain('There is no job "trian"');
    expect(stderr).toContain('Did you mean "train"?');
    const [, paste = ""] = stderr.split("\n\n");
    expect(paste.trimEnd().split("\n")).toHaveLength(3);
    expect(Bun.TOML.parse(paste)).toMatchObject({ jobs: { trian: {} } });
    expect(stdout).toBe("");
    expect(here.server.calls).toEqual([]);
  });

  test("exits 2 for names that no job can have, even with a command", async () => {
    serveSubmits();
    for (const name of ["../x", "a b", "12", ...Object.keys(RESERVED_JOB_NAMES)]) {
      const apiUrl = here.server.apiUrl;
      const { code, stderr } = await here.bench.ml(["queue", name, "--", "true"], { apiUrl });
      expect([name, code]).toEqual([name, 2]);
      expect(stderr.trimEnd().split("\n").length).toBeLessThanOrEqual(3);
    }
    expect(here.server.calls).toEqual([]);
  }, 30_000);

  test("exits 2 for an ml.toml that is wrong, naming the line", async () => {
    serveSubmits();
    writeFileSync(join(here.bench.project, "ml.toml"), "[jobs.train]\ncommand = \n");
    const { code, stderr } = await here.ml("queue train");
    expect(code).toBe(2);
    expect(stderr).toContain("line 2");
    expect(stderr.trimEnd().split("\n").length).toBeLessThanOrEqual(3);
  });

  test("exits 2 in the home folder, of which all would be sent", async () => {
    serveSubmits();
    const { code } = await here.ml("queue x -- true", { cwd: here.bench.home });
    expect(code).toBe(2);
  });

  test("exits 5 with the server's reason for a job that can never run", async () => {
    here.serve({
      "job.submit": () => {
        throw new FetchmlError("impossible-request", "The box has 1 GPU, and 8 were asked for.");
      },
    });
    const { code, stderr } = await here.ml("queue train --gpus 8");
    expect([code, stderr]).toEqual([5, "The box has 1 GPU, and 8 were asked for.\n"]);
  });
});

describe("ml queue, sending files", () => {
  test("sends the files only when the server lacks them, and submits once", async () => {
    let has = false;
    here.serve({
      answers: {
        "job.submit": () => {
          if (!has) throw new FetchmlError("snapshot-missing", "There is no such snapshot.");
          return { job: sampleJob(), ahead: 0 };
        },
        "server.limits": () => ({
          snapshot: { max_size_bytes: 1e9, max_file_size_bytes: 1e9, max_files: 1000 },
        }),
      },
      http: async (request) => {
        const manifest = await request.bytes();
        has = true;
        const snapshot = new Bun.CryptoHasher("sha256").update(manifest).digest("hex");
        return Response.json({ snapshot, missing: [] }, { headers: FROM_FETCHML });
      },
    });
    const { code, stdout } = await here.ml("queue train");
    expect([code, stdout]).toEqual([0, "Queued 12 train (next)\n"]);
    const [first, second] = here.paramsOf("job.submit");
    expect(first).toEqual(second);
  });

  test("asks again under the same word when the answer is lost", async () => {
    let round = 0;
    const server = here.serve({
      "job.submit": async () => {
        round++;
        if (round === 1) server.cut();
        return { job: sampleJob(), ahead: 0 };
      },
    });
    const { code, stdout } = await here.ml("queue train");
    expect([code, stdout]).toEqual([0, "Queued 12 train (next)\n"]);
    const words = here.paramsOf("job.submit").map((params) => (params as SubmitParams).submission);
    expect(words).toHaveLength(2);
    expect(words[0]).toBe(words[1]);
  });

  test("shows with --dry-run what it would send and run, and sends nothing", async () => {
    serveSubmits();
    const { code, stdout } = await here.ml("queue train --dry-run -- --epochs 5");
    expect(code).toBe(0);
    expect(stdout).toContain("python3 train.py --epochs 5");
    expect(stdout).toMatch(/^Files +2, /m);
    expect(stdout).toMatch(/ train\.py$/m);
    const plan = JSON.parse((await here.ml("queue train --dry-run --json")).stdout);
    expect(plan).toMatchObject({ name: "train", total_bytes: ML_TOML.length + 15 });
    expect(here.server.calls).toEqual([]);
  });
});

const FROM_FETCHML = { "fetchml-server": "0.1.0" };

describe("ml queue without a name", () => {
  test("prints the queue in its own order, everybody's jobs", async () => {
    const first = sampleJob({ id: 15, user: "bob" });
    const rest = [sampleJob({ id: 14 }), first, sampleJob({ id: 13 })];
    here.serve({
      "server.status": () => sampleStatus({ queued: [first] }),
      "job.list": () => ({ jobs: rest, next_before_id: null }),
    });
    for (const line of ["queue", "queue list", "queue ls"]) {
      const { code, stdout } = await here.ml(line);
      expect(code).toBe(0);
      expect(stdout.match(/^\d+/gm)).toEqual(["11", "15", "13", "14"]);
    }
    expect(JSON.parse((await here.ml("queue --json")).stdout)).toHaveLength(4);
    expect(here.paramsOf("job.list")[0]).toMatchObject({ everyone: true });
  });

  test("names the right verb for other words", async () => {
    serveSubmits();
    expect((await here.ml("queue status")).stderr).toContain('"ml status"');
    expect((await here.ml("queue rm")).stderr).toContain('"ml cancel JOB"');
    const options = await here.ml("queue --gpus 1");
    expect([options.code, here.server.calls]).toEqual([2, []]);
    expect(options.stderr).toContain("needs a name");
  });
});
