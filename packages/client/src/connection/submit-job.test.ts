// Tests of submitting once although answers are lost.
import { afterEach, describe, expect, test } from "bun:test";
import { FetchmlError, type SubmitParams } from "@fetchml/protocol";
import { linkTo } from "./link.ts";
import { NO_ANSWER, startScriptedServer, type Answer } from "./scripted-server.fixture.ts";
import { submitJob } from "./submit-job.ts";
import { testPace } from "./test-pace.fixture.ts";

const open: Disposable[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one[Symbol.dispose]();
});

describe("submitJob()", () => {
  test("asks again under the same word when the answer was lost", async () => {
    const words: unknown[] = [];
    const { link } = start((params: { submission?: string }, peer) => {
      words.push(params.submission);
      if (words.length > 2) return { job: { id: 7 }, ahead: 0 };
      peer.cut();
      return NO_ANSWER;
    });
    const { job } = await submitJob(link, PARAMS, { pace: testPace() });
    expect(job.id).toBe(7);
    expect(words).toHaveLength(3);
    expect(new Set(words).size).toBe(1);
    expect(String(words[0]).length).toBeGreaterThanOrEqual(8);
  });

  test("keeps a word that was given", async () => {
    const { link, server } = start(() => ({ job: { id: 1 }, ahead: 0 }));
    await submitJob(link, { ...PARAMS, submission: "my-own-word" });
    expect(server.calls[0]?.params).toMatchObject({ submission: "my-own-word" });
  });

  test("does not ask again when the server refuses", async () => {
    const { link, server } = start(() => {
      throw new FetchmlError("impossible-request", "Too many GPUs.");
    });
    const error: unknown = await submitJob(link, PARAMS).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: "impossible-request" });
    expect(server.calls).toHaveLength(1);
  });
});

const PARAMS: SubmitParams = {
  name: "train",
  command: { argv: ["true"] },
  cwd: "",
  env: {},
  resources: { gpus: 0, cpus: 1, mem_bytes: 0 },
  timeout_ms: null,
  retries: 0,
  begin_at: null,
  hold: false,
  snapshot: null,
};

function start(submit: Answer) {
  const server = startScriptedServer({ answers: { "job.submit": submit } });
  const link = linkTo(server.endpoint);
  open.push(server, { [Symbol.dispose]: () => link.close() });
  return { server, link };
}
