// Decides when jobs start, starts them, and sees to it that every end is recorded.
import type { AttemptKey } from "../domain/attempt-key.ts";
import type { AttemptSpec } from "../domain/attempt-spec.ts";
import type { Executor } from "../executor/executor.ts";
import { aliveAttempts } from "../queue/alive-attempts.ts";
import { claimJobs } from "../queue/claim.ts";
import type { QueueContext } from "../queue/context.ts";
import { CANCEL_GRACE_MS } from "../queue/cancel.ts";
import type { NewsItem } from "../queue/news.ts";
import { giveBack } from "../queue/give-back.ts";
import { nextStartTime } from "../queue/next-start-time.ts";
import type { Log } from "../telemetry/log.ts";
import { endStrays, keepTimeLimits, nameOf, reconcile } from "./reconcile.ts";
import { settle } from "./settle.ts";

/** What a scheduler works with. */
export interface SchedulerOptions {
  readonly queue: QueueContext;
  readonly executor: Executor;
  readonly log: Log;
}

/** How often everything alive is looked at again even when nothing was heard of it. */
const BACKSTOP_MS = 5_000;
/** Longest time a timer may be set for (2^31 - 1 ms). */
const LONGEST_TIMER_MS = 2_147_483_647;

/** The scheduler of one server. {@link start} settles what an earlier server left; {@link stop} leaves jobs running. */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #busy = new Set<Promise<void>>();
  readonly #beingStarted = new Set<string>();
  readonly #unlisten: (() => void)[] = [];
  #isStopped = false;
  #claiming: Promise<void> | null = null;
  #claimAgain = false;
  /** A claim has failed, as on a full disk: the next is no part of a commit that others wait for, until one succeeds. */
  #claimsApart = false;
  #nextStart: ReturnType<typeof setTimeout> | null = null;
  #backstop: ReturnType<typeof setInterval> | null = null;
  #nextStartAt: number | null = null;
  #hasTakenOver = false;

  constructor(options: SchedulerOptions) {
    this.#options = options;
  }

  /**
   * Settles every attempt that the store believes alive, then begins to start jobs. Resolves when that is done. What cannot be
   * settled now, as on a full disk, is logged and tried again: a server that does not start would help nobody.
   */
  async start(): Promise<void> {
    const { queue, executor } = this.#options;
    this.#unlisten.push(queue.news.listen((item) => this.#hear(item)));
    const claimWithIt = (): void => this.#claimNow();
    this.#unlisten.push(
      // One commit, and so one sync of the disk, for what sets a job free to start and for its claim.
      queue.news.listenBeforeCommit(({ state }) => {
        if (state === "starting" || state === "running") return;
        if (this.#claimsApart) queue.db.afterCommit(() => this.#wake());
        else queue.db.beforeCommit(claimWithIt);
      }),
    );
    this.#unlisten.push(
      executor.onChange((attempt) => this.#do("settle", this.#settleOne(attempt))),
    );
    this.#do("reconcile", this.#settleAll());
    await Promise.all(this.#busy);
    this.#wake();
    this.#do("cancel-sweep", queue.sweeps.resume());
    this.#backstop = setInterval(() => {
      this.#do("reconcile", this.#settleAll());
      this.#do("cancel-sweep", queue.sweeps.resume());
      this.#wakeWhenDue();
    }, BACKSTOP_MS);
  }

  /** Stops starting jobs and waits for what is under way; jobs go on. Safe twice. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const unlisten of this.#unlisten.splice(0)) unlisten();
    if (this.#nextStart !== null) clearTimeout(this.#nextStart);
    if (this.#backstop !== null) clearInterval(this.#backstop);
    while (this.#busy.size > 0) await Promise.all(this.#busy);
  }

  #hear(item: NewsItem): void {
    const { executor } = this.#options;
    switch (item.kind) {
      case "jobs-cancelled":
      case "capacity-changed":
        this.#wake();
        return;
      case "cancel-requested":
        this.#do("cancel", executor.cancel(item.attempt, item.graceMs));
        return;
      case "timeout-changed":
        this.#do("set-timeout", executor.setTimeout(item.attempt, item.timeoutMs));
        return;
      case "job-changed":
      case "attempt-started":
      case "attempt-ended":
        return;
    }
  }

  /** Claims what can start; news that arrive meanwhile lead to one more look. */
  #wake(): void {
    if (this.#isStopped) return;
    if (this.#claiming !== null) {
      this.#claimAgain = true;
      return;
    }
    this.#claiming = this.#claim().finally(() => {
      this.#claiming = null;
      if (!this.#claimAgain) return;
      this.#claimAgain = false;
      this.#wake();
    });
    this.#do("claim", this.#claiming);
  }

  #claimNow(): void {
    if (!this.#isStopped) this.#do("claim", this.#claim());
  }

  async #claim(): Promise<void> {
    const { queue } = this.#options;
    for (const spec of await this.#claimFromQueue()) this.#do("start", this.#startOne(spec));
    this.#setNextStart(await nextStartTime(queue));
  }

  async #claimFromQueue(): Promise<readonly AttemptSpec[]> {
    try {
      const claimed = await claimJobs(this.#options.queue);
      this.#claimsApart = false;
      return claimed;
    } catch (error) {
      this.#claimsApart = true;
      throw error;
    }
  }

  async #startOne(spec: AttemptSpec): Promise<void> {
    const { queue, executor } = this.#options;
    this.#beingStarted.add(nameOf(spec));
    try {
      const noRoom = await executor.start(spec);
      // While it counts as being started, so that nobody else starts it.
      if (noRoom !== null) await this.#giveBack(spec, noRoom.why);
    } finally {
      this.#beingStarted.delete(nameOf(spec));
    }
    // A cancel that came while the attempt was being started may have found nothing to end.
    const alive = await aliveAttempts(queue);
    const isCancelling = alive.some(
      (each) => nameOf(each) === nameOf(spec) && each.state === "cancelling",
    );
    if (isCancelling) await executor.cancel(spec, CANCEL_GRACE_MS);
  }

  async #giveBack(spec: AttemptSpec, why: string): Promise<void> {
    const { queue, log } = this.#options;
    log.warn("attempt-given-back", { attempt: nameOf(spec), why });
    await giveBack(queue, spec, why);
  }

  async #settleOne(attempt: AttemptKey): Promise<void> {
    await settle(this.#options, [attempt]);
  }

  /** Once it has gone through without a fault, only what the store believes alive is looked at again. */
  async #settleAll(): Promise<void> {
    await this.#reconcile();
    if (this.#hasTakenOver) return;
    await keepTimeLimits(this.#options);
    await endStrays(this.#options);
    this.#hasTakenOver = true;
  }

  #reconcile(): Promise<void> {
    return reconcile({
      ...this.#options,
      isBeingStarted: (attempt) => this.#beingStarted.has(nameOf(attempt)),
      start: (spec) => this.#startOne(spec),
    });
  }

  /** Wakes when the next job that waits for its time may start. */
  #setNextStart(at: number | null): void {
    if (this.#nextStart !== null) clearTimeout(this.#nextStart);
    this.#nextStart = null;
    this.#nextStartAt = at;
    if (at === null || this.#isStopped) return;
    const delayMs = Math.max(0, at - this.#options.queue.clock.now());
    this.#nextStart = setTimeout(() => this.#wake(), Math.min(delayMs, LONGEST_TIMER_MS));
  }

  /** A timer does not count the time in which the machine is suspended, and knows nothing of a clock that is set. */
  #wakeWhenDue(): void {
    const at = this.#nextStartAt;
    if (at !== null && at <= this.#options.queue.clock.now()) this.#wake();
  }

  /** Keeps track of work nobody waits for, so that {@link stop} can; a fault is logged, and the backstop tries again. */
  #do(what: string, work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => this.#options.log.error("scheduler-fault", { what, error }))
      .finally(() => this.#busy.delete(tracked));
    this.#busy.add(tracked);
  }
}
