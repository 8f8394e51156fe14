// For every order of uploads, submits, ends, pins, ageing and collections: what is needed stays, and nothing else does.
import { expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { openRetention } from "./retention.fixture.ts";
import { anyActs, storedIn, type Model, type Real } from "./retention-model.fixture.ts";

test("a collection removes nothing that a job or an upload needs, and everything that nobody needs", async () => {
  await fc.assert(
    fc.asyncProperty(anyActs, async (acts) => {
      await using box = await openRetention();
      const users = [await box.addUser("alice"), await box.addUser("bob")];
      const model: Model = { jobs: [], snapshots: new Map(), blobs: new Map() };
      const real: Real = { box, users, times: new Map() };
      await fc.asyncModelRun(() => ({ model, real }), checked(acts));
      await expectCodeOfUnfinished(real, model);
    }),
    { numRuns: 40 },
  );
}, 300_000);

/** The same acts, each followed by a look at everything. */
function* checked(acts: Iterable<fc.AsyncCommand<Model, Real>>) {
  for (const act of acts) {
    const lookedAt: fc.AsyncCommand<Model, Real> = {
      check: (model) => act.check(model),
      run: async (model, real) => {
        await act.run(model, real);
        expectLikeModel(model, real);
      },
      toString: () => act.toString(),
    };
    yield lookedAt;
  }
}

function expectLikeModel({ jobs, snapshots, blobs }: Model, { box }: Real): void {
  for (const { id, parts } of jobs) {
    expect([id, box.partsOf(id)]).toEqual([id, [...parts]]);
  }
  const kept = [...snapshots].filter(([, { removed }]) => !removed).map(([id]) => id);
  expect([...storedIn(box, "manifests").keys()].toSorted()).toEqual(kept.toSorted());
  expect([...storedIn(box, "blobs").keys()].toSorted()).toEqual([...blobs.keys()].toSorted());
  const { db } = box.options;
  const held = db.all<{ hash: string }>("SELECT DISTINCT hash FROM blob_holders");
  expect(held.map(({ hash }) => hash).toSorted()).toEqual([...blobs.keys()].toSorted());
  const holders = db.all<{ id: string }>("SELECT DISTINCT snapshot AS id FROM snapshot_holders");
  expect(holders.map(({ id }) => id).toSorted()).toEqual(kept.toSorted());
}

async function expectCodeOfUnfinished({ box }: Real, { jobs, snapshots }: Model): Promise<void> {
  for (const { id, snapshot, state, pinned } of jobs) {
    if (snapshot === null || (state === "ended" && !pinned)) continue;
    // A pin brings nothing back that was gone before it.
    if (snapshots.get(snapshot)?.removed === true) continue;
    const target = join(box.dataDir, "out", String(id));
    await box.snapshots.checkout(snapshot, target);
    const tree = snapshots.get(snapshot)?.tree ?? {};
    expect(readdirSync(target).toSorted()).toEqual(Object.keys(tree).toSorted());
  }
}
