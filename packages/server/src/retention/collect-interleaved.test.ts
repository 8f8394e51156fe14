// An upload in each gap of a collection, and a collection in each gap of an upload: the job that follows has its code, whole.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { KeyHolder } from "../domain/principal.ts";
import type { Sender } from "../snapshots/accept-manifest.ts";
import { SnapshotsInUse } from "../snapshots/snapshots-in-use.ts";
import { sha256 } from "../snapshots/snapshots.fixture.ts";
import type { Database } from "../store/database.ts";
import { Collector } from "./collector.ts";
import {
  DAY_MS,
  manifestOf,
  openRetention,
  sendTree,
  type RetentionUnderTest,
} from "./retention.fixture.ts";

/** Both files were sent long ago, and nothing names them any more. */
const TREE = { a: "old", "dir/b": "older" };

let box: RetentionUnderTest;
let alice: KeyHolder;
let inUse: SnapshotsInUse;

beforeEach(async () => {
  let hours = 0;
  inUse = new SnapshotsInUse(() => hours * 3_600_000);
  box = await openRetention({ inUse });
  alice = await box.addUser("alice");
  // Another list of the same files: its own is not there, and its files are.
  await box.send(alice, { c: "old", d: "older" });
  await box.snapshots.settled();
  box.advance(100 * DAY_MS);
  hours = 2;
});

afterEach(() => box[Symbol.asyncDispose]());

/** Queues a job from the snapshot, and lays its tree out as its start would. */
async function queueAndStart(snapshot: string): Promise<void> {
  await box.submit(alice, snapshot);
  await box.collect();
  const target = join(box.dataDir, "out");
  await box.snapshots.checkout(snapshot, target);
  const names = readdirSync(target, { recursive: true }).map(String);
  expect(names.toSorted()).toEqual(["a", "dir", "dir/b"]);
  const hashes = Object.values(TREE).map((content) => sha256(content));
  expect(await box.sender(alice).heldBlobs(hashes)).toEqual(new Set(hashes));
}

describe("a collection in the middle of an upload", () => {
  const steps = ["heldBlobs", "noteSnapshot"] as const;
  for (const step of steps) {
    for (const when of ["before", "after"] as const) {
      test(`${when} ${step}() takes nothing of what the upload relies on`, async () => {
        const sender = box.sender(alice);
        const around: Sender = {
          ...sender,
          [step]: async (given: never) => {
            if (when === "before") await box.collect();
            const answer = await sender[step](given);
            if (when === "after") await box.collect();
            return answer;
          },
        };
        await queueAndStart(await sendTree(box.snapshots, around, TREE));
      });
    }
  }

  test("between the list and the files keeps what the list relies on", async () => {
    const text = manifestOf({ ...TREE, new: "new" });
    const first = await box.snapshots.acceptManifest(text, box.sender(alice));
    expect(first.missing).toHaveLength(1);
    await box.collect();
    const second = await box.snapshots.acceptManifest(text, box.sender(alice));
    expect(second.missing).toEqual(first.missing);
  });

  test("between the list and the job keeps both", async () => {
    const snapshot = await sendTree(box.snapshots, box.sender(alice), TREE);
    box.advance(100 * DAY_MS);
    await box.collect();
    await queueAndStart(snapshot);
  });
});

describe("an upload in the middle of a collection", () => {
  for (let step = 0; step < 3; step++) {
    for (const when of ["before", "after"] as const) {
      test(`${when} the collection's write ${step} gets what it relies on`, async () => {
        let snapshot = "";
        let writes = 0;
        const upload = async () => {
          snapshot = await sendTree(box.snapshots, box.sender(alice), TREE);
        };
        const db = new Proxy(box.options.db, {
          get: (target, name) => {
            if (name !== "write") return bound(target, name);
            return async (work: () => unknown) => {
              const isIt = writes++ === step;
              if (isIt && when === "before") await upload();
              const answer = await target.write(work);
              if (isIt && when === "after") await upload();
              return answer;
            };
          },
        });
        const collector = new Collector({ ...box.options, db });
        const { problems } = await collector.run({ dryRun: false });
        await collector.close();
        expect(problems).toEqual([]);
        expect(snapshot).not.toBe("");
        await queueAndStart(snapshot);
      });
    }
  }
});

function bound(target: Database, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name, target);
  return typeof value === "function" ? value.bind(target) : value;
}
