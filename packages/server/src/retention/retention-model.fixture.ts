// A small model of what is kept, and acts that a test does at random on the model and on a real data folder at once.
import { readdirSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { DEFAULT_RETENTION, JOB_PARTS, type JobPart } from "../domain/retention-rules.ts";
import type { KeyHolder } from "../domain/principal.ts";
import { sha256, frame, inChunks } from "../snapshots/snapshots.fixture.ts";
import { DAY_MS, manifestOf, type RetentionUnderTest, type Tree } from "./retention.fixture.ts";

const HOUR_MS = 3_600_000;

/** What the model knows of a job. */
export interface ModelJob {
  readonly id: number;
  readonly owner: KeyHolder;
  readonly snapshot: string | null;
  retries: number;
  state: "queued" | "running" | "ended";
  hasStarted: boolean;
  /** Not before this time does it start. */
  eligibleAt: number;
  endedAt: number;
  pinned: boolean;
  readonly parts: Set<JobPart>;
}

/** What the model knows of a snapshot. */
export interface ModelSnapshot {
  readonly tree: Tree;
  acceptedAt: number;
  removed: boolean;
}

/** All jobs and snapshots there ever were, and when each blob was stored last, by hash. */
export interface Model {
  readonly jobs: ModelJob[];
  readonly snapshots: Map<string, ModelSnapshot>;
  readonly blobs: Map<string, number>;
}

/** The data folder and its users. */
export interface Real {
  readonly box: RetentionUnderTest;
  readonly users: readonly KeyHolder[];
  /** The times that were given to stored files, by path. */
  readonly times: Map<string, number>;
}

type Act = fc.AsyncCommand<Model, Real>;

const WHICH = fc.nat(1000);
const anyTree = fc.dictionary(fc.constantFrom("a", "b"), fc.constantFrom("1", "2", "3"));
// No sum of a few of them is a limit of the rules to the minute.
const anyTime = fc.constantFrom(
  0.31 * DAY_MS,
  1.13 * DAY_MS,
  8.07 * DAY_MS,
  41 * DAY_MS,
  93 * DAY_MS,
);

/** Any acts in any order. */
export const anyActs = fc.commands<Model, Real, false>(
  [
    fc
      .tuple(WHICH, anyTree, fc.nat(1))
      .map(([which, tree, retries]) => sendAndSubmit(which, tree, retries)),
    fc
      .tuple(WHICH, anyTree, fc.nat(1))
      .map(([which, tree, retries]) => sendAndSubmit(which, tree, retries)),
    fc.tuple(WHICH, anyTree).map(([which, tree]) => sendAndSubmit(which, tree, null)),
    fc.tuple(WHICH, anyTree).map(([which, tree]) => sendBlobsOnly(which, tree)),
    fc.constant(null).map(startAll),
    fc.constant(null).map(startAll),
    fc.tuple(WHICH, fc.boolean()).map(([which, isWell]) => end(which, isWell)),
    fc.tuple(WHICH, fc.boolean()).map(([which, isWell]) => end(which, isWell)),
    fc.tuple(WHICH, fc.boolean()).map(([which, pinned]) => pin(which, pinned)),
    anyTime.map(advance),
    anyTime.map(advance),
    fc.constant(false).map(collect),
    fc.constant(false).map(collect),
    fc.constant(true).map(collect),
  ],
  { maxCommands: 40, size: "max" },
);

/** Sends a project and, unless `retries` is `null`, queues a job of it. */
function sendAndSubmit(which: number, tree: Tree, retries: number | null): Act {
  return act(
    `send ${JSON.stringify(tree)} by ${which % 2}, ${retries} retries`,
    async (model, real) => {
      const user = userOf(real, which);
      const snapshot = await real.box.send(user, tree);
      const now = await settleTimes(model, real);
      const known = model.snapshots.get(snapshot);
      if (known === undefined)
        model.snapshots.set(snapshot, { tree, acceptedAt: now, removed: false });
      else if (known.removed || known.acceptedAt < now - HOUR_MS) {
        known.acceptedAt = now;
        known.removed = false;
      }
      if (retries === null) return;
      const id = await real.box.submit(user, snapshot, retries);
      const fresh = { hasStarted: false, eligibleAt: now, endedAt: 0, pinned: false };
      const parts = new Set<JobPart>();
      model.jobs.push({ id, owner: user, snapshot, retries, state: "queued", ...fresh, parts });
    },
  );
}

/** An upload that is cut off before its last request. */
function sendBlobsOnly(which: number, tree: Tree): Act {
  return act(`send only blobs of ${JSON.stringify(tree)}`, async (model, real) => {
    const sender = real.box.sender(userOf(real, which));
    await real.box.snapshots.acceptManifest(manifestOf({ ...tree, never: "sent" }), sender);
    const blobs = Object.values(tree).map((content) => frame(content));
    await real.box.snapshots.receiveBlobs(inChunks(Buffer.concat(blobs)), sender);
    await settleTimes(model, real);
  });
}

function startAll(): Act {
  return act("start all", async ({ jobs }, { box }) => {
    const now = box.options.clock.now();
    await box.startAll();
    for (const job of jobs.filter(
      ({ state, eligibleAt }) => state === "queued" && eligibleAt <= now,
    )) {
      job.state = "running";
      job.hasStarted = true;
      for (const part of JOB_PARTS) job.parts.add(part);
    }
  });
}

function end(which: number, isWell: boolean): Act {
  return actOn(which, isWell ? "end" : "fail", async (job, { box }) => {
    if (job.state !== "running") return;
    await box.end(job.id, isWell ? 0 : 1);
    const now = box.options.clock.now();
    if (!isWell && job.retries > 0) {
      job.retries -= 1;
      job.state = "queued";
      job.eligibleAt = now + 11_000;
    } else {
      job.state = "ended";
      job.endedAt = now;
    }
  });
}

function pin(which: number, pinned: boolean): Act {
  return actOn(which, pinned ? "pin" : "unpin", async (job, { box }) => {
    await box.pin(job.owner, job.id, pinned);
    job.pinned = pinned;
  });
}

function advance(ms: number): Act {
  return act(`advance ${ms / DAY_MS} d`, async (_, { box }) => box.advance(ms));
}

function collect(dryRun: boolean): Act {
  return act(dryRun ? "look" : "collect", async (model, { box }) => {
    const now = box.options.clock.now();
    await box.collect({ dryRun, restarted: true });
    if (!dryRun) forget(model, now);
  });
}

/** Removes from the model what a collection at that time removes. */
function forget({ jobs, snapshots, blobs }: Model, now: number): void {
  const { keepMs } = DEFAULT_RETENTION;
  for (const job of jobs.filter(({ state, pinned }) => state === "ended" && !pinned)) {
    for (const part of JOB_PARTS) {
      if (job.endedAt < now - (keepMs[part] ?? Infinity)) job.parts.delete(part);
    }
  }
  const named = new Set<string>();
  for (const [id, snapshot] of snapshots) {
    const isNeeded = jobs.some(
      (job) =>
        job.snapshot === id &&
        (job.state !== "ended" || job.pinned || job.endedAt >= now - (keepMs.code ?? Infinity)),
    );
    if (!isNeeded && snapshot.acceptedAt < now - DAY_MS) snapshot.removed = true;
    if (snapshot.removed) continue;
    for (const content of Object.values(snapshot.tree)) named.add(sha256(content));
  }
  for (const [hash, storedAt] of blobs) {
    if (!named.has(hash) && storedAt < now - DAY_MS) blobs.delete(hash);
  }
}

/** Gives what was stored just now the time of the test's clock; answers that. */
async function settleTimes({ blobs }: Model, { box, times }: Real): Promise<number> {
  await box.snapshots.settled();
  const now = box.options.clock.now();
  for (const kind of ["blobs", "manifests"]) {
    for (const [hash, path] of storedIn(box, kind)) {
      if (statSync(path).mtimeMs === times.get(path)) continue;
      utimesSync(path, now / 1000, now / 1000);
      times.set(path, statSync(path).mtimeMs);
      if (kind === "blobs") blobs.set(hash, now);
    }
  }
  return now;
}

/** Path of each stored blob or manifest, by its hash. */
export function storedIn(box: RetentionUnderTest, kind: string): ReadonlyMap<string, string> {
  const root = join(box.dataDir, "snapshots", kind);
  const found = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => [parentPath.slice(-2) + name, join(parentPath, name)] as const);
  return new Map(found);
}

function userOf({ users }: Real, which: number): KeyHolder {
  const user = users[which % users.length];
  if (user === undefined) throw new Error("there are no users");
  return user;
}

function act(name: string, work: (model: Model, real: Real) => Promise<void>): Act {
  return { check: () => true, run: work, toString: () => name };
}

function actOn(
  which: number,
  name: string,
  work: (job: ModelJob, real: Real) => Promise<void>,
): Act {
  return {
    check: ({ jobs }) => jobs.length > 0,
    run: async ({ jobs }, real) => {
      const job = jobs[which % jobs.length];
      if (job !== undefined) await work(job, real);
    },
    toString: () => `${name} ${which}`,
  };
}
