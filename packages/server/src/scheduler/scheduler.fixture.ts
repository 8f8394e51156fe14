// A store, a queue, a scheduler and a real local executor in a temporary folder, for tests.
import { isFinal, type Job, type JobState } from "@fetchml/protocol";
import { diskUnderTest } from "../domain/disk-room.fixture.ts";
import type { Principal } from "../domain/principal.ts";
import { localSubject, type LocalSubject } from "../executor/local/local-executor.fixture.ts";
import type { QueueContext } from "../queue/context.ts";
import { findJob } from "../queue/find-job.ts";
import { momentOf } from "../queue/moment.ts";
import { CancelSweeps } from "../queue/cancel-sweeps.ts";
import { News } from "../queue/news.ts";
import { submitJob } from "../queue/submit.ts";
import { jobOf } from "../store/job-row.ts";
import { openStore } from "../store/open-store.ts";
import { insertUser } from "../store/users.ts";
import { silentLog } from "../telemetry/log.ts";
import { Scheduler } from "./scheduler.ts";

/** A scheduler under test. */
export interface SchedulerSubject {
  readonly queue: QueueContext;
  readonly local: LocalSubject;
  readonly alice: Principal;
  /** Starts a scheduler on the queue, as after a restart of the server. */
  start(): Promise<Scheduler>;
  /** Submits a shell command; answers the job's id. */
  submit(
    shell: string,
    options?: { readonly retries?: number; readonly hold?: boolean },
  ): Promise<number>;
  job(id: number): Job;
  /** Resolves when the job is in that state; rejects when it ends in another one. */
  reached(id: number, state: JobState): Promise<Job>;
  close(): Promise<void>;
}

/** Makes one with two CPUs and one user; the scheduler is not started. */
export async function schedulerSubject(): Promise<SchedulerSubject> {
  const local = await localSubject();
  const clock = { now: () => Date.now() };
  const db = openStore(local.dataDir, clock.now());
  const userId = await db.write(() =>
    insertUser(db, { name: "alice", role: "member", created_at: 0 }),
  );
  const alice: Principal = {
    kind: "key",
    userId,
    user: "alice",
    role: "member",
    keyId: "test",
    keyLabel: null,
    keyExpiresAt: null,
    keySupersededBy: null,
  };
  const news = new News();
  const queue: QueueContext = {
    db,
    clock,
    news,
    sweeps: new CancelSweeps({ db, clock, news }),
    totals: { cpus: 2, mem_bytes: 1_000_000_000, gpu_uuids: [] },
    room: diskUnderTest(),
    random: () => 1,
  };
  const running: Scheduler[] = [];
  const job = (id: number): Job => jobOf(findJob(queue, alice, String(id)).row, momentOf(queue));
  return {
    queue,
    local,
    alice,
    job,
    async start() {
      const scheduler = new Scheduler({ queue, executor: local.another(), log: silentLog });
      running.push(scheduler);
      await scheduler.start();
      return scheduler;
    },
    async submit(shell, { retries = 0, hold = false } = {}) {
      const { job: submitted } = await submitJob(queue, alice, {
        name: "test",
        command: { shell, args: [] },
        cwd: "",
        env: {},
        resources: { gpus: 0, cpus: 1, mem_bytes: 0 },
        timeout_ms: null,
        retries,
        begin_at: null,
        hold,
        snapshot: null,
      });
      return submitted.id;
    },
    reached(id, state) {
      return new Promise((resolve, reject) => {
        const look = (): void => {
          const now = job(id);
          if (now.state !== state && !isFinal(now.state)) return;
          unlisten();
          if (now.state === state) resolve(now);
          else reject(new Error(`job ${id} ended as ${now.state}, not ${state}`));
        };
        const unlisten = queue.news.listen(look);
        look();
      });
    },
    async close() {
      await Promise.all(running.map((scheduler) => scheduler.stop()));
      await local.close();
      db.close();
    },
  };
}
