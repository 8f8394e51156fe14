// Submits and collections at the same time: no job is ever queued whose code is not whole.
import { expect, test } from "bun:test";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import type { KeyHolder } from "../domain/principal.ts";
import { SnapshotsInUse } from "../snapshots/snapshots-in-use.ts";
import { Collector } from "./collector.ts";
import {
  DAY_MS,
  openRetention,
  sendTree,
  type RetentionUnderTest,
  type Tree,
} from "./retention.fixture.ts";

/** So that what uploads rely on is forgotten many times in the test: 3 s count as an hour. */
const HOUR_MS = 3000;

const SUBMITS = 400;

for (const isShort of [false, true]) {
  const room = isShort ? "while room is short" : "while there is room";
  const name = `${SUBMITS} submits of few files that are collected all the time, ${room}: each job has its tree, whole`;
  test(name, () => race(isShort), 200_000);
}

async function race(isShort: boolean): Promise<void> {
  const inUse = new SnapshotsInUse(() => (performance.now() * 3_600_000) / HOUR_MS);
  await using box = await openRetention({ inUse });
  const names = ["alice", "bob", "carol", "dave"];
  const users = await Promise.all(names.map((name) => box.addUser(name)));
  const over = new AbortController();
  // Only for who collects: to submitters it is as if room came and went.
  const room = {
    ...box.room,
    look: () => ({ ...box.room.look(), free_bytes: isShort ? 0 : 1e12 }),
  };
  const collector = new Collector({ ...box.options, room });
  let collected = 0;
  const collecting = (async () => {
    while (!over.signal.aborted) {
      // All that lies there is old by the clock: nothing but what is in use stays.
      box.advance(100 * DAY_MS);
      const { removed, problems } = await collector.run({ dryRun: false });
      expect(problems).toEqual([]);
      collected += removed.reduce((sum, { count }) => sum + count, 0);
    }
  })();
  const submitting = users.map(async (user, which) => {
    for (let round = 0; round < SUBMITS / users.length; round++) {
      const tree = treeOf(which * 1000 + round);
      const { id, snapshot } = await submitAsClient(box, user, tree);
      expect(await treeAt(box, snapshot, String(id))).toEqual(tree);
      // It ends at once, so that its code is garbage soon.
      await box.startAll();
      await box.end(id);
    }
  });
  await Promise.all(submitting);
  over.abort();
  await collecting;
  await collector.close();
  expect(collected).toBeGreaterThan(SUBMITS / 4);
}

/** As `ml` does: sends the files again where the server says that it lacks them, in four rounds at most. */
async function submitAsClient(box: RetentionUnderTest, user: KeyHolder, tree: Tree) {
  for (let round = 1; ; round++) {
    const snapshot = await sendTree(box.snapshots, box.sender(user), tree);
    try {
      return { id: await box.submit(user, snapshot), snapshot };
    } catch (error) {
      const isGone = error instanceof FetchmlError && error.code === "snapshot-missing";
      if (!isGone || round === 4) throw error;
    }
  }
}

/** What a job that starts now finds. */
async function treeAt(box: RetentionUnderTest, snapshot: string, name: string): Promise<Tree> {
  const target = join(box.dataDir, "out", name);
  await box.snapshots.checkout(snapshot, target);
  const found = readdirSync(target).map(
    (file) => [file, readFileSync(join(target, file), "utf8")] as const,
  );
  rmSync(target, { recursive: true });
  return Object.fromEntries(found);
}

/** Three files out of a few dozen, so that projects share most of what they have. */
function treeOf(seed: number): Tree {
  return {
    a: `content ${seed % 7}`,
    b: `content ${seed % 11}`,
    c: `content ${(seed * 31) % 37}`,
  };
}
