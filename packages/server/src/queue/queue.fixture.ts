// A queue on a real store in a temporary folder, with a clock that stands still until it is told.
import type { Job, JobState, Role, SubmitParams } from "@fetchml/protocol";
import type { AttemptEnd } from "../domain/attempt-end.ts";
import { diskUnderTest, type DiskUnderTest } from "../domain/disk-room.fixture.ts";
import type { KeyHolder, LocalAdmin } from "../domain/principal.ts";
import { jobOf, type JobRow } from "../store/job-row.ts";
import { jobById } from "../store/jobs-read.ts";
import { openTempStore } from "../store/store.fixture.ts";
import { insertUser } from "../store/users.ts";
import { CancelSweeps } from "./cancel-sweeps.ts";
import { claimJobs } from "./claim.ts";
import type { QueueContext, Totals } from "./context.ts";
import { momentOf } from "./moment.ts";
import { News, type NewsItem } from "./news.ts";
import { recordEnd, recordRunning } from "./record-attempt.ts";
import { submitJob } from "./submit.ts";

/** The moment at which every test begins. */
export const START = Date.UTC(2026, 0, 1);

/** What a test's box has unless told otherwise: GPUs A, B and C. */
export const BOX: Totals = {
  cpus: 8,
  mem_bytes: 64 * 2 ** 30,
  gpu_uuids: ["A", "B", "C"],
  mounts: ["/data"],
};

export const LOCAL_ADMIN: LocalAdmin = { kind: "local", user: "root" };

/** A queue for one test. */
export interface TestQueue extends QueueContext {
  readonly clock: { now(): number; advance(ms: number): void };
  readonly room: DiskUnderTest;
  /** All news so far, in the order in which they came. */
  readonly heard: readonly NewsItem[];
  /** Adds a user who holds a key. */
  addUser(name: string, role?: Role): Promise<KeyHolder>;
  /** Submits a job of one CPU called `train`, but for what is said. */
  submit(user: KeyHolder, params?: Partial<SubmitParams>): Promise<Job>;
  /** Claims all that can start and records that it runs; answers the ids. */
  startAll(): Promise<readonly number[]>;
  /** Records that the newest attempt of a job ended now; well, unless told otherwise. */
  end(jobId: number, outcome?: AttemptEnd): Promise<void>;
  /** The job as the store has it. */
  row(jobId: number): JobRow;
  /** The job as the API tells it. */
  job(jobId: number): Job;
  /** Closes the store and removes its folder. Safe twice. */
  close(): void;
}

/** Opens a queue that nobody uses yet. */
export function openTestQueue(totals: Totals = BOX): TestQueue {
  const store = openTempStore();
  const { db } = store;
  let now = START;
  const clock = { now: () => now, advance: (ms: number) => void (now += ms) };
  const news = new News();
  const heard: NewsItem[] = [];
  news.listen((item) => heard.push(item));
  const room = diskUnderTest();
  const sweeps = new CancelSweeps({ db, clock, news });
  const ctx: QueueContext = { db, clock, news, sweeps, totals, room, random: () => 0 };
  const row = (jobId: number) => {
    const found = jobById(db, jobId);
    if (found === null) throw new Error(`there is no job ${jobId}`);
    return found;
  };
  return {
    ...ctx,
    clock,
    room,
    heard,
    row,
    close: () => store.close(),
    job: (jobId) => jobOf(row(jobId), momentOf(ctx)),
    addUser: async (user, role = "member") => {
      const userId = await db.write(() => insertUser(db, { name: user, role, created_at: now }));
      return {
        kind: "key",
        userId,
        user,
        role,
        keyId: "ab12",
        keyLabel: null,
        keyExpiresAt: null,
        keySupersededBy: null,
      };
    },
    submit: async (user, params) => (await submitJob(ctx, user, submission(params))).job,
    startAll: async () => {
      const started = await claimJobs(ctx);
      await Promise.all(started.map((attempt) => recordRunning(ctx, attempt)));
      return started.map(({ jobId }) => jobId);
    },
    end: (jobId, outcome = { kind: "exited", exit_code: 0 }) => {
      const attempt = { jobId, attempt: row(jobId).attempt };
      return recordEnd(ctx, attempt, { outcome, endedAt: now });
    },
  };
}

/** What a submitter sends for a job of one CPU called `train`, but for what is said. */
export function submission(params: Partial<SubmitParams> = {}): SubmitParams {
  return {
    name: "train",
    command: { argv: ["python3", "train.py"] },
    cwd: "",
    env: {},
    resources: { gpus: 0, cpus: 1, mem_bytes: 0 },
    timeout_ms: null,
    retries: 0,
    begin_at: null,
    hold: false,
    snapshot: null,
    ...params,
  };
}

/** Needs of one CPU and nothing else, but for what is said. */
export function needs(resources: Partial<SubmitParams["resources"]>): Partial<SubmitParams> {
  return { resources: { gpus: 0, cpus: 1, mem_bytes: 0, ...resources } };
}

/** The states that news told of a job, in their order. */
export function toldStates(queue: TestQueue, jobId: number): readonly JobState[] {
  return queue.heard.flatMap((item) => {
    if (item.kind === "jobs-cancelled") return item.ids.has(jobId) ? (["cancelled"] as const) : [];
    return item.kind === "job-changed" && item.job.id === jobId ? [item.job.state] : [];
  });
}
