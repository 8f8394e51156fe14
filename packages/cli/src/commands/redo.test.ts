// Tests of `ml redo`, as a process with a project of its own against a real socket.
import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { FetchmlError, SERVER_HEADER } from "@fetchml/protocol";
import { sampleJob } from "../testing/samples.fixture.ts";
import { servedBench } from "../testing/served-bench.fixture.ts";

const here = servedBench();

const queued = () => ({ job: sampleJob({ id: 13 }), ahead: 1 });

describe("ml redo JOB", () => {
  test("asks for the job as it was, and nothing else", async () => {
    here.serve({ "job.redo": queued });
    const { code, stdout, stderr } = await here.ml("redo @~1");
    expect([code, stdout]).toEqual([0, "Queued 13 train (1 ahead)\n"]);
    expect(stderr).toBe('"ml logs -f 13" follows it.\n');
    expect(here.paramsOf("job.redo")).toEqual([
      { job: "@~1", submission: expect.stringMatching(/^.{8,64}$/) },
    ]);
    expect(here.server.calls).toHaveLength(1);
  });

  test("passes on what is to be different", async () => {
    here.serve({ "job.redo": queued });
    const options =
      "--gpus 2 --cpus 4 --mem 1G --timeout none --retries 0 --begin now --env A=x --env B --hold";
    await here.ml(`redo 12 ${options} -- --lr 0.2`, { env: { B: "here" } });
    expect(here.paramsOf("job.redo")).toMatchObject([
      {
        job: "12",
        gpus: 2,
        cpus: 4,
        mem_bytes: 1024 ** 3,
        timeout_ms: null,
        retries: 0,
        begin_at: null,
        env: { A: "x", B: "here" },
        hold: true,
        args: ["--lr", "0.2"],
      },
    ]);
    expect(JSON.parse((await here.ml("redo 12 --json")).stdout)).toMatchObject({ id: 13 });
  });

  test("asks again under the same word when the answer is lost", async () => {
    let calls = 0;
    const server = here.serve({
      "job.redo": () => {
        calls += 1;
        if (calls === 1) server.cut();
        return queued();
      },
    });
    expect((await here.ml("redo 12")).code).toBe(0);
    const words = here
      .paramsOf("job.redo")
      .map((params) => (params as { submission: string }).submission);
    expect(words).toHaveLength(2);
    expect(new Set(words).size).toBe(1);
  });

  test("exits as the server says, and 2 for what cannot be meant", async () => {
    here.serve({
      "job.redo": () => {
        throw new FetchmlError("job-not-found", "There is no code of job 12 that you may see.");
      },
    });
    expect((await here.ml("redo 12")).code).toBe(6);
    expect((await here.ml("redo 12#2")).code).toBe(2);
    expect((await here.ml("redo")).code).toBe(2);
    expect((await here.ml("redo 12 --lr 0.2")).code).toBe(2);
    const { code, stderr } = await here.ml("redo 12 --allow-secrets");
    expect([code, stderr]).toEqual([2, expect.stringContaining("--fresh")]);
  });
});

describe("ml redo JOB --fresh", () => {
  test("sends what is here now, and asks again with it", async () => {
    let isThere = false;
    here.serve({
      answers: {
        "server.limits": () => ({
          snapshot: { max_size_bytes: 1e9, max_file_size_bytes: 1e9, max_files: 1e9 },
        }),
        "job.redo": () => {
          if (!isThere) throw new FetchmlError("snapshot-missing", "Send it.");
          return queued();
        },
      },
      http: async (request) => {
        const headers = { [SERVER_HEADER]: "1" };
        const text = await request.text();
        const snapshot = new Bun.CryptoHasher("sha256").update(text).digest("hex");
        isThere = request.url.endsWith("/snapshots");
        return Response.json({ snapshot, missing: [] }, { headers });
      },
    });
    writeFileSync(join(here.bench.project, "train.py"), "print(2)\n");
    const { code, stderr } = await here.ml("redo 12 --fresh -- --fast");
    expect([code, stderr]).toEqual([0, '"ml logs -f 13" follows it.\n']);
    const asked = here.paramsOf("job.redo");
    expect(asked).toHaveLength(2);
    expect(asked[1]).toEqual(asked[0]);
    expect(asked[0]).toMatchObject({
      job: "12",
      args: ["--fast"],
      git: null,
      snapshot: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  test("refuses a folder that cannot be sent before it asks the server", async () => {
    here.serve({ "job.redo": queued });
    const { code } = await here.ml("redo 12 --fresh", { cwd: here.bench.home });
    expect(code).toBe(2);
    expect(here.paramsOf("job.redo")).toEqual([]);
  });
});
