// For every order of submits, claims, ends, cancels, holds and edits: the queue does what the model says and breaks no rule.
import { expect, test } from "bun:test";
import { isLegalMove } from "@fetchml/protocol";
import * as fc from "fast-check";
import { aliveAttempts } from "./alive-attempts.ts";
import { anyActs, type Model, type Real } from "./queue-model.fixture.ts";
import { openTestQueue, toldStates, type TestQueue } from "./queue.fixture.ts";
import { jobsAlive } from "./usage.ts";

const SMALL_BOX = { cpus: 4, mem_bytes: 4, gpu_uuids: ["A", "B"] };

test("the queue loses no job, makes legal moves only and gives out no more than the box has", async () => {
  await fc.assert(
    fc.asyncProperty(anyActs, async (acts) => {
      const queue = openTestQueue(SMALL_BOX);
      try {
        const users = [await queue.addUser("alice"), await queue.addUser("bob")];
        const start = (): { model: Model; real: Real } => ({ model: [], real: { queue, users } });
        await fc.asyncModelRun(start, checked(acts));
      } finally {
        queue.close();
      }
    }),
    { numRuns: 60 },
  );
}, 60_000);

/** The same acts, each followed by a look at everything. */
function* checked(acts: Iterable<fc.AsyncCommand<Model, Real>>) {
  for (const act of acts) {
    const lookedAt: fc.AsyncCommand<Model, Real> = {
      check: (model) => act.check(model),
      run: async (model, real) => {
        await act.run(model, real);
        expectLikeModel(real.queue, model);
        await expectNothingOvercommitted(real.queue, model);
        expectLegalNews(real.queue, model);
      },
      toString: () => act.toString(),
    };
    yield lookedAt;
  }
}

function expectLikeModel(queue: TestQueue, model: Model): void {
  expect(queue.db.get("SELECT count(*) AS jobs FROM jobs")).toEqual({ jobs: model.length });
  const queued = model.filter((job) => job.state === "queued");
  expect(queue.db.get("SELECT queued, waiting FROM queue_counts")).toEqual({
    queued: queued.length,
    waiting: queued.filter((job) => !job.held).length,
  });
  for (const { id, owner, state, attempt, held, eligibleAt } of model) {
    expect(queue.row(id)).toMatchObject({ user: owner.user, state, attempt, held: held ? 1 : 0 });
    if (state === "queued") expect(queue.row(id).eligible_at).toBe(eligibleAt);
  }
}

async function expectNothingOvercommitted(queue: TestQueue, model: Model): Promise<void> {
  const alive = model.filter(({ state }) => ["starting", "running", "cancelling"].includes(state));
  expect((await aliveAttempts(queue)).map(({ jobId }) => jobId)).toEqual(alive.map(({ id }) => id));
  const held = jobsAlive(queue.db);
  const sum = (what: "cpus" | "mem_bytes") => held.reduce((all, { row }) => all + row[what], 0);
  expect(sum("cpus")).toBeLessThanOrEqual(SMALL_BOX.cpus);
  expect(sum("mem_bytes")).toBeLessThanOrEqual(SMALL_BOX.mem_bytes);
  const gpus = held.flatMap(({ gpu_uuids }) => gpu_uuids);
  expect(new Set(gpus).size).toBe(gpus.length);
  for (const gpu of gpus) expect(SMALL_BOX.gpu_uuids).toContain(gpu);
  for (const { row, gpu_uuids } of held) expect(gpu_uuids).toHaveLength(row.gpus);
}

function expectLegalNews(queue: TestQueue, model: Model): void {
  for (const { id, state } of model) {
    const told = toldStates(queue, id);
    expect([told[0], told.at(-1)]).toEqual(["queued", state]);
    for (const [place, next] of told.slice(1).entries()) {
      const from = told[place] ?? next;
      if (from !== next) expect([from, next, isLegalMove(from, next)]).toEqual([from, next, true]);
    }
  }
}
