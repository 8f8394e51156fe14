// A data folder with users, jobs and snapshots on a real disk, and a clock that is set forward, for tests of what is removed.
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { GcReport, Job, Manifest } from "@fetchml/protocol";
import { attemptFolder } from "../domain/attempt-folder.ts";
import { diskUnderTest, type DiskUnderTest } from "../domain/disk-room.fixture.ts";
import type { KeyHolder } from "../domain/principal.ts";
import {
  DEFAULT_RETENTION,
  JOB_PARTS,
  type JobPart,
  type RetentionRules,
} from "../domain/retention-rules.ts";
import { claimJobs } from "../queue/claim.ts";
import type { QueueContext } from "../queue/context.ts";
import { CancelSweeps } from "../queue/cancel-sweeps.ts";
import { News } from "../queue/news.ts";
import { pinJob } from "../queue/pin.ts";
import { submission } from "../queue/queue.fixture.ts";
import { recordEnd } from "../queue/record-attempt.ts";
import { blobsHeldBy, isSnapshotHeldBy, noteBlobs, noteSnapshot } from "../queue/snapshots-held.ts";
import { submitJob } from "../queue/submit.ts";
import type { Sender } from "../snapshots/accept-manifest.ts";
import { fileEntry, frame, inChunks, textOf } from "../snapshots/snapshots.fixture.ts";
import { SnapshotsInUse } from "../snapshots/snapshots-in-use.ts";
import { openSnapshots, type Snapshots } from "../snapshots/snapshots.ts";
import { openStore } from "../store/open-store.ts";
import { insertUser } from "../store/users.ts";
import { silentLog } from "../telemetry/log.ts";
import { Collector } from "./collector.ts";
import type { OtherStore, RetentionOptions } from "./context.ts";

/** A length of time in milliseconds. */
export const DAY_MS = 86_400_000;

/** Contents by path. */
export type Tree = Readonly<Record<string, string>>;

/** A data folder for one test. */
export interface RetentionUnderTest extends AsyncDisposable {
  readonly dataDir: string;
  readonly queue: QueueContext;
  readonly options: RetentionOptions;
  readonly snapshots: Snapshots;
  readonly room: DiskUnderTest;
  /** Sets the clock forward. What lies on the disk gets older by that. */
  advance(ms: number): void;
  addUser(name: string): Promise<KeyHolder>;
  /** What the snapshots ask about a user. */
  sender(user: KeyHolder): Sender;
  /** Sends a project as a client does; answers the snapshot. */
  send(user: KeyHolder, tree: Tree): Promise<string>;
  submit(user: KeyHolder, snapshot?: string | null, retries?: number): Promise<number>;
  /** Starts every queued job and writes a file of so many bytes into each part of it. */
  startAll(bytes?: number): Promise<void>;
  end(jobId: number, exitCode?: number): Promise<void>;
  /** Submits, starts and ends a job; answers its id. */
  runJob(user: KeyHolder, snapshot?: string | null): Promise<number>;
  pin(user: KeyHolder, jobId: number, pinned?: boolean): Promise<Job>;
  /** The parts of a job of which something lies on the disk. */
  partsOf(jobId: number): readonly JobPart[];
  /** Runs a collection; `restarted`: as after a restart, which forgets what uploads rely on. */
  collect(how?: { readonly dryRun?: boolean; readonly restarted?: boolean }): Promise<GcReport>;
}

/** Opens one that nobody uses yet, with the default rules but for what is said. */
export async function openRetention(
  changes: Partial<Pick<RetentionOptions, "inUse" | "rulesInFile">> & {
    readonly rules?: RetentionRules;
    readonly setups?: OtherStore;
  } = {},
): Promise<RetentionUnderTest> {
  const dataDir = mkdtempSync(join(tmpdir(), "fml-gc-"));
  let ahead = 0;
  const clock = { now: () => Date.now() + ahead };
  const db = openStore(dataDir, clock.now());
  const room = diskUnderTest();
  const totals = { cpus: 1000, mem_bytes: 0, gpu_uuids: [] };
  const news = new News();
  const sweeps = new CancelSweeps({ db, clock, news });
  const queue: QueueContext = { db, clock, news, sweeps, totals, room, random: () => 0 };
  const { inUse = new SnapshotsInUse(), rules = DEFAULT_RETENTION, ...others } = changes;
  const snapshots = await openSnapshots(join(dataDir, "snapshots"), undefined, { inUse, room });
  const options: RetentionOptions = {
    dataDir,
    db,
    clock,
    log: silentLog,
    rules: () => rules,
    room,
    inUse,
    largestUploadBytes: snapshots.limits.totalBytes,
    setups: null,
    ...others,
  };
  const subject: RetentionUnderTest = {
    dataDir,
    queue,
    options,
    snapshots,
    room,
    advance: (ms) => {
      ahead += ms;
    },
    addUser: async (name) => {
      const userId = await db.write(() =>
        insertUser(db, { name, role: "member", created_at: clock.now() }),
      );
      const key = { keyId: "ab12", keyLabel: null, keyExpiresAt: null, keySupersededBy: null };
      return { kind: "key", userId, user: name, role: "member", ...key };
    },
    sender: (user) => ({
      userId: user.userId,
      heldBlobs: (hashes) => blobsHeldBy(queue, user, hashes),
      holdsSnapshot: (snapshot) => isSnapshotHeldBy(queue, user, snapshot),
      noteBlobs: (hashes) => noteBlobs(queue, user, hashes),
      noteSnapshot: (snapshot) => noteSnapshot(queue, user, snapshot),
    }),
    send: (user, tree) => sendTree(snapshots, subject.sender(user), tree),
    submit: async (user, snapshot = null, retries = 0) =>
      (await submitJob(queue, user, submission({ snapshot, retries }))).job.id,
    startAll: async (bytes = 1) => {
      for (const { jobId, attempt } of await claimJobs(queue)) {
        for (const path of pathsOf(dataDir, { jobId, attempt })) writeDeep(path, "x".repeat(bytes));
      }
    },
    end: async (jobId, exitCode = 0) => {
      const { attempt } = db.get<{ attempt: number }>(
        "SELECT attempt FROM jobs WHERE id = $jobId",
        { jobId },
      ) ?? { attempt: 0 };
      const outcome = { kind: "exited", exit_code: exitCode } as const;
      await recordEnd(queue, { jobId, attempt }, { outcome, endedAt: clock.now() });
    },
    runJob: async (user, snapshot) => {
      const id = await subject.submit(user, snapshot);
      await subject.startAll();
      await subject.end(id);
      return id;
    },
    pin: (user, jobId, pinned = true) => pinJob(queue, user, { ref: String(jobId), pinned }),
    partsOf: (jobId) =>
      JOB_PARTS.filter((_, index) =>
        [1, 2, 3].some((attempt) =>
          existsSync(pathsOf(dataDir, { jobId, attempt })[index] ?? "none"),
        ),
      ),
    collect: async ({ dryRun = false, restarted = false } = {}) => {
      const known = restarted ? new SnapshotsInUse() : inUse;
      const collector = new Collector({ ...options, inUse: known });
      try {
        return await collector.run({ dryRun });
      } finally {
        await collector.close();
      }
    },
    [Symbol.asyncDispose]: async () => {
      await snapshots.close();
      db.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
  return subject;
}

/** The manifest of a tree. */
export function manifestOf(tree: Tree): string {
  const entries: Manifest["entries"] = Object.keys(tree)
    .toSorted()
    .map((path) => fileEntry(path, tree[path] ?? ""));
  return textOf(...entries);
}

/** Sends a tree as a client does: asks what is missing, sends that, and asks again until nothing is. */
export async function sendTree(snapshots: Snapshots, sender: Sender, tree: Tree): Promise<string> {
  const text = manifestOf(tree);
  for (;;) {
    const { snapshot, missing } = await snapshots.acceptManifest(text, sender);
    if (missing.length === 0) return snapshot;
    const wanted = Object.values(tree).map((content) => frame(content));
    await snapshots.receiveBlobs(inChunks(Buffer.concat(wanted)), sender);
  }
}

/** One file in each part, in the order of the parts. */
function pathsOf(
  dataDir: string,
  { jobId, attempt }: { readonly jobId: number; readonly attempt: number },
): readonly string[] {
  const { work, outputs, log } = attemptFolder(dataDir, { jobId, attempt });
  return [
    join(work, "file"),
    join(dataDir, "checkpoints", String(jobId), "file"),
    join(outputs, "file"),
    log,
  ];
}

function writeDeep(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}
