// Tests of waiting for jobs: it ends when all have ended, across lost connections.
import { afterEach, describe, expect, test } from "bun:test";
import { FetchmlError, type Job } from "@fetchml/protocol";
import { linkTo } from "./link.ts";
import { ScriptedJob } from "./scripted-job.fixture.ts";
import { startScriptedServer, type Answer, type Peer } from "./scripted-server.fixture.ts";
import { testPace } from "./test-pace.fixture.ts";
import { until } from "./until.fixture.ts";
import { waitForJobs } from "./wait-for-jobs.ts";

const open: Disposable[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one[Symbol.dispose]();
});

describe("waitForJobs()", () => {
  test("answers the jobs as they ended, in the order they were asked for", async () => {
    const { jobs, link } = start(["a", "b"]);
    const waiting = waitForJobs(link, { jobs: ["b", "1", "a"], pace: testPace() });
    await until(() => jobs.watchers() === 1);
    jobs.change(1, "failed");
    jobs.change(2, "succeeded");
    expect((await waiting).map(({ name, state }) => `${name} ${state}`)).toEqual([
      "b succeeded",
      "a failed",
      "a failed",
    ]);
  });

  test("answers at once when all have ended before, and leaves nothing behind", async () => {
    const { jobs, link } = start(["a"]);
    jobs.change(1, "lost");
    expect((await waitForJobs(link, { jobs: ["a"] }))[0]?.state).toBe("lost");
    await until(() => jobs.watchers() === 0);
  });

  test("tells of each change once, also across a lost connection", async () => {
    const { jobs, link, server } = start(["a", "b"]);
    const told: string[] = [];
    const waiting = waitForJobs(link, {
      jobs: ["a", "b"],
      pace: testPace(),
      onChange: ({ id, state }) => told.push(`${id} ${state}`),
    });
    await until(() => told.length === 2);
    jobs.change(1, "running");
    await until(() => told.length === 3);
    server.peers[0]?.cut();
    jobs.change(2, "cancelled");
    await until(() => told.length === 4);
    jobs.change(1, "succeeded");
    await waiting;
    expect(told).toEqual(["1 queued", "2 queued", "1 running", "2 cancelled", "1 succeeded"]);
  });

  test("asks by id after a lost connection", async () => {
    const { jobs, link, server } = start(["a"]);
    const waiting = waitForJobs(link, { jobs: ["a"], pace: testPace() });
    await until(() => jobs.watchers() === 1);
    server.peers[0]?.cut();
    await until(() => server.calls.length === 2);
    expect(server.calls.map(({ params }) => params)).toEqual([{ jobs: ["a"] }, { jobs: ["1"] }]);
    jobs.change(1, "failed");
    await waiting;
  });

  test("waits for more jobs than fit into one call", async () => {
    const names = Array.from({ length: 1234 }, (_, at) => `job-${at}-${"x".repeat(40)}`);
    const { jobs, link } = start(names);
    for (const [at] of names.entries()) jobs.change(at + 1, "succeeded");
    const ended = await waitForJobs(link, { jobs: names });
    expect(ended.map(({ name }) => name)).toEqual(names);
  });

  test("throws what the server says of an unknown job", async () => {
    const { link } = start(["a"]);
    const error: unknown = await waitForJobs(link, { jobs: ["a", "zzz"] }).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: "job-not-found" });
  });
});

/** A server with these jobs, ids from 1. */
function start(names: readonly string[]) {
  const all = new Map<number, Job>(
    names.map((name, at) => [at + 1, { ...new ScriptedJob().job, id: at + 1, name }]),
  );
  const watchers = new Map<number, { peer: Peer; ids: readonly number[] }>();
  let last = 0;
  const find = (ref: string): Job => {
    const job = [...all.values()].find(({ id, name }) => ref === name || ref === String(id));
    if (job === undefined) throw new FetchmlError("job-not-found", `There is no job "${ref}".`);
    return job;
  };
  const answers: Record<string, Answer> = {
    "job.subscribe": (params: { jobs: string[] }, peer) => {
      // As the server does it: each job once.
      const jobs = [...new Set(params.jobs.map(find))];
      watchers.set(++last, { peer, ids: jobs.map(({ id }) => id) });
      return { subscription: last, jobs };
    },
    "job.get": ({ job }: { job: string }) => find(job),
    "subscription.end": ({ subscription }: { subscription: number }) => ({
      ended: watchers.delete(subscription),
    }),
  };
  const server = startScriptedServer({ answers });
  const link = linkTo(server.endpoint);
  open.push(server, { [Symbol.dispose]: () => link.close() });
  const change = (id: number, state: Job["state"]) => {
    const job = all.get(id);
    if (job === undefined) throw new Error(`no job ${id}`);
    all.set(id, { ...job, state });
    for (const [subscription, { peer, ids }] of watchers) {
      if (ids.includes(id)) peer.notify("job.changed", { subscription, job: all.get(id) });
    }
  };
  return { server, link, jobs: { change, watchers: () => watchers.size } };
}
