// A collection in each gap of an upload that tells only what differs from an earlier one: the job that follows has its code, whole.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { manifestChangeText } from "@fetchml/protocol";
import type { KeyHolder } from "../domain/principal.ts";
import type { Sender } from "../snapshots/accept-manifest.ts";
import { SnapshotsInUse } from "../snapshots/snapshots-in-use.ts";
import { fileEntry, frame, inChunks, sha256 } from "../snapshots/snapshots.fixture.ts";
import { Collector } from "./collector.ts";
import { DAY_MS, manifestOf, openRetention, type RetentionUnderTest } from "./retention.fixture.ts";

const BEFORE = { a: "old", "dir/b": "older" };
const AFTER = { ...BEFORE, a: "new" };

let box: RetentionUnderTest;
let alice: KeyHolder;
let base: string;
let change: string;

beforeEach(async () => {
  let hours = 0;
  box = await openRetention({ inUse: new SnapshotsInUse(() => hours * 3_600_000) });
  alice = await box.addUser("alice");
  base = await box.send(alice, BEFORE);
  await box.snapshots.settled();
  // By now nobody needs the base, and what its upload relied on is forgotten.
  box.advance(100 * DAY_MS);
  hours = 2;
  const snapshot = sha256(manifestOf(AFTER));
  const entries = [fileEntry("a", "new")];
  change = manifestChangeText({ version: 1, base, snapshot, removed: [], entries });
});
afterEach(() => box[Symbol.asyncDispose]());

/** As `ml` does: the change first; the whole list where the base is gone. Files, then a job, which starts. */
async function sendAndStart(sender: Sender, between: () => Promise<unknown>): Promise<string> {
  let how = "change";
  const ask = (text: string) => box.snapshots.acceptManifest(text, sender);
  const asked = await ask(change).catch(() => {
    how = "list";
    return ask(manifestOf(AFTER));
  });
  await between();
  const contents = Object.values(AFTER).filter((one) => asked.missing.includes(sha256(one)));
  if (contents.length > 0) {
    const blobs = Buffer.concat(contents.map((one) => frame(one)));
    await box.snapshots.receiveBlobs(inChunks(blobs), sender);
    await between();
    expect(await box.snapshots.completeSnapshot(asked.snapshot, sender)).toBeTrue();
  }
  await between();
  await box.submit(alice, asked.snapshot);
  await box.collect();
  const target = join(box.dataDir, "out");
  await box.snapshots.checkout(asked.snapshot, target);
  const names = readdirSync(target, { recursive: true }).map(String);
  expect(names.toSorted()).toEqual(["a", "dir", "dir/b"]);
  return how;
}

const nothing = async () => undefined;

test("nothing of the base is collected between the change, the files and the job", async () => {
  const how = await sendAndStart(box.sender(alice), async () => {
    const { problems } = await box.collect();
    expect(problems).toEqual([]);
    box.advance(100 * DAY_MS);
  });
  expect(how).toBe("change");
  // When the job names what it needs, the base may go.
  await box.collect({ restarted: true });
  expect(await box.sender(alice).holdsSnapshot(base)).toBeFalse();
});

for (const step of ["holdsSnapshot", "heldBlobs", "noteBlobs", "noteSnapshot"] as const) {
  for (const when of ["before", "after"] as const) {
    test(`a collection ${when} ${step}() takes nothing of what the upload relies on`, async () => {
      const sender = box.sender(alice);
      let collections = 0;
      const around: Sender = {
        ...sender,
        [step]: async (given: never) => {
          const collect = async () => {
            collections += 1;
            await box.collect();
          };
          if (when === "before") await collect();
          const answer = await sender[step](given);
          if (when === "after") await collect();
          return answer;
        },
      };
      expect(await sendAndStart(around, nothing)).toBe("change");
      expect(collections).toBeGreaterThan(0);
    });
  }
}

test("a base that was collected is not there any more, and the whole list is asked for", async () => {
  await box.collect();
  expect(await sendAndStart(box.sender(alice), nothing)).toBe("list");
});

for (let step = 0; step < 3; step++) {
  for (const when of ["before", "after"] as const) {
    test(`${when} a collection's write ${step} an upload gets what it relies on`, async () => {
      let writes = 0;
      let how = "";
      const upload = async () => {
        how = await sendAndStart(box.sender(alice), nothing);
      };
      const db = new Proxy(box.options.db, {
        get: (target, name) => {
          const value: unknown = Reflect.get(target, name, target);
          if (name !== "write") return typeof value === "function" ? value.bind(target) : value;
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
      // Some steps have no third write.
      if (writes > step) expect(how).not.toBe("");
    });
  }
}
