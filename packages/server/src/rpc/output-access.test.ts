// Who may have the outputs of whom, and what they are told who may not.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { setUserRole } from "../auth/user-changes.ts";
import { SUBMIT } from "./submit.fixture.ts";
import { startJobOutputs, type JobOutputs } from "./job-outputs.fixture.ts";

let here: JobOutputs;
let jobId: number;

beforeAll(async () => {
  here = await startJobOutputs();
  jobId = await here.begin();
  here.write(jobId, "model.pt");
});
afterAll(() => here.jobs.rpc.close());

async function outcome(path: string, key?: string | null) {
  const response = await here.ask(path, key === undefined ? {} : { key });
  const text = await response.text();
  const code = response.ok ? "" : String(JSON.parse(text).error.data.code);
  return { status: response.status, code, text };
}

const below = () => [
  `${jobId}/outputs`,
  `${jobId}/outputs/model.pt`,
  `${jobId}/outputs/model.pt?sha256_of=1`,
  `${jobId}/checkpoints`,
];

describe("outputs", () => {
  test("are given to their owner and to admins", async () => {
    const admin = await here.jobs.rpc.give("root-like", "admin");
    for (const path of below()) {
      for (const key of [here.key.api_key, admin.api_key]) {
        expect((await outcome(path, key)).status).toBe(200);
      }
    }
  });

  test("are not there for other members and for viewers, whether the file exists or not", async () => {
    const bob = await here.jobs.rpc.give("bob");
    const viewer = await here.jobs.rpc.give("viewer", "viewer");
    for (const { api_key } of [bob, viewer]) {
      const answers = await Promise.all(
        [...below(), `${jobId}/outputs/nothing`].map((path) => outcome(path, api_key)),
      );
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
      expect(answers[0]).toMatchObject({ status: 404, code: "job-not-found" });
      const client = await here.jobs.open(api_key);
      const frame = await client.call("output.list", { job: String(jobId) });
      expect(frame.error?.data?.code).toBe("job-not-found");
    }
  });

  test("are not given without a key, nor on the box's own socket", async () => {
    for (const path of [...below(), `${jobId}/log`]) {
      expect(await outcome(path, null)).toMatchObject({ status: 401, code: "key-missing" });
      const unix = here.jobs.rpc.socketPath;
      const box = await fetch(`http://localhost/jobs/${path}`, { unix });
      expect(box.status).toBe(403);
    }
  });

  test("stay their owner's when that has become a viewer", async () => {
    const carol = await here.jobs.rpc.give("carol");
    const client = await here.jobs.open(carol.api_key);
    const { job } = await client.result("job.submit", SUBMIT);
    here.write(job.id, "x", "mine");
    await here.jobs.start(job.id);
    const { auth } = here.jobs.rpc.ctx;
    await setUserRole(auth, { actor: "root", address: null }, { name: "carol", role: "viewer" });
    expect((await outcome(`${job.id}/outputs/x`, carol.api_key)).text).toBe("mine");
  });
});

describe("the log over HTTP", () => {
  test("is given to the owner, admins and viewers, and to no other member", async () => {
    here.jobs.write(jobId, "line\n");
    const viewer = await here.jobs.rpc.give("looker", "viewer");
    const dave = await here.jobs.rpc.give("dave");
    expect((await outcome(`${jobId}/log`)).text).toBe("line\n");
    expect((await outcome(`${jobId}/log`, viewer.api_key)).text).toBe("line\n");
    expect(await outcome(`${jobId}/log`, dave.api_key)).toMatchObject({ code: "job-not-found" });
  });
});
