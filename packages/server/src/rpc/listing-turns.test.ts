// Lists of outputs of one user wait for their turn; others are answered meanwhile.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { startJobOutputs, type JobOutputs } from "./job-outputs.fixture.ts";
import { turnsOf } from "./listing-turns.ts";
import { until } from "./rpc.fixture.ts";
import { TURN_RULES, type Turn } from "./user-turns.ts";

let here: JobOutputs;
let jobId: number;
/** Gives back the turns that a test has taken. */
let giveBack: () => void;

beforeEach(async () => {
  here = await startJobOutputs();
  jobId = await here.begin();
  here.write(jobId, "model.pt");
  giveBack = () => undefined;
});
afterEach(async () => {
  giveBack();
  await here.jobs.rpc.close();
});

const userId = async () => {
  const authorization = `Bearer ${here.key.api_key}`;
  const { authenticator } = here.jobs.rpc.ctx;
  return turnsOf(await authenticator.authenticate({ authorization, address: "x", client: null }));
};

/** Takes turns of alice's until {@link giveBack}; answers one of them. */
async function take(turns: number): Promise<Turn> {
  const { listingTurns } = here.jobs.rpc.ctx;
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const { signal } = new AbortController();
  const id = await userId();
  giveBack = () => resolve(undefined);
  const { promise: taken, resolve: tell } = Promise.withResolvers<Turn>();
  for (let i = 0; i < turns; i++) {
    void listingTurns.run(id, signal, (turn) => {
      tell(turn);
      return promise;
    });
  }
  return taken;
}

const list = () => here.list(`${jobId}/outputs`);
const count = () => here.jobs.alice.result("output.list", { job: String(jobId) });

describe("lists of outputs", () => {
  test("of one user wait while as many as may be are made; those of another do not", async () => {
    const admin = await here.jobs.rpc.give("root-like", "admin");
    const other = await here.jobs.open(admin.api_key);
    await take(TURN_RULES.most);
    const done: string[] = [];
    const waiting = [list().then(() => done.push("list")), count().then(() => done.push("count"))];
    await other.result("output.list", { job: String(jobId) });
    const { status } = await here.ask(`${jobId}/outputs`, { key: admin.api_key });
    expect([status, done]).toEqual([200, []]);
    giveBack();
    await Promise.all(waiting);
    expect(done.toSorted()).toEqual(["count", "list"]);
  });

  test("are refused when too many of one user wait already", async () => {
    await take(TURN_RULES.most + TURN_RULES.mostWaiting);
    const answer = await here.ask(`${jobId}/outputs`);
    expect(answer.status).toBe(429);
    expect(await answer.text()).toContain("Cannot list outputs: 4 lists of yours are at work");
    const refused = await count().catch((error: unknown) => String(error));
    expect(JSON.stringify(refused)).toContain("quota-exceeded");
  });

  test("give their turn back when they were taken whole, and when their receiver goes", async () => {
    for (let i = 0; i < 1000; i++) here.write(jobId, `${i}-${"x".repeat(200)}`);
    for (let i = 0; i < TURN_RULES.most + 2; i++) {
      expect((await list()).at(-1)).toMatchObject({ line: "end" });
      const begun = await here.ask(`${jobId}/outputs`);
      await begun.body?.cancel();
    }
    expect((await count())["attempts"]).toHaveLength(1);
  });

  test("stop waiting when their receiver goes", async () => {
    const turn = await take(TURN_RULES.most);
    const leaving = new AbortController();
    const left = fetch(`${here.jobs.rpc.url}/jobs/${jobId}/outputs`, {
      headers: { authorization: `Bearer ${here.key.api_key}` },
      signal: leaving.signal,
    }).catch((error: unknown) => error);
    await until("the request waits", () => turn.isAwaited);
    leaving.abort();
    await left;
    await until("the request waits no more", () => !turn.isAwaited);
  });
});
