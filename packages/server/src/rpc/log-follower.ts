// Sends a log to a connection as it grows, no faster than the connection reads, to its very end.
import type { Job } from "@fetchml/protocol";
import { watchLog } from "../logs/watch-log.ts";
import { readChunk, type AttemptLog } from "./attempt-log.ts";
import type { Outlet, Subscription } from "./subscriptions.ts";

/** Bytes of log in one notification at most. */
const PIECE_BYTES = 131_072;

interface Following {
  readonly log: AttemptLog;
  /** First byte to send. */
  readonly offset: number;
  readonly number: number;
  readonly outlet: Outlet;
  /** Calls back with the job after each of its changes; returns what ends that. */
  readonly listen: (tell: (job: Job) => void) => () => void;
  /** The job as whoever follows may see it. */
  readonly shown: (job: Job) => Job;
  /** Ends the subscription from inside. */
  readonly end: () => void;
}

/**
 * One followed log. Nothing is kept in memory: each piece is read from the file when the connection can take it. `log.end`
 * is sent once the attempt has ended and all of its log was sent.
 */
export class LogFollower implements Subscription {
  readonly #following: Following;
  readonly #unlisten: () => void;
  #job: Job;
  #offset: number;
  #unwatch: (() => void) | null = null;
  #state: "waiting" | "idle" | "reading" | "stopped" = "waiting";
  #isChanged = false;

  constructor(following: Following) {
    this.#following = following;
    this.#job = following.log.job;
    this.#offset = following.offset;
    this.#unlisten = following.listen((job) => this.jobIs(job));
  }

  /** The job as it is now, which may be the end of its attempt. */
  jobIs(job: Job): void {
    this.#job = job;
    this.#look();
  }

  start(): void {
    if (this.#state !== "waiting") return;
    this.#state = "idle";
    this.#look();
  }

  drained(): void {
    this.#look();
  }

  stop(): void {
    this.#state = "stopped";
    this.#unlisten();
    this.#unwatch?.();
    this.#unwatch = null;
  }

  /** Sends what there is, unless that is being done: then it looks once more afterwards. */
  #look(): void {
    this.#isChanged = true;
    if (this.#state !== "idle") return;
    this.#state = "reading";
    void this.#sendAll().catch((error: unknown) => {
      if (!this.#isStopped) this.#following.outlet.fail(error);
    });
  }

  get #isStopped(): boolean {
    return this.#state === "stopped";
  }

  async #sendAll(): Promise<void> {
    // Watched before it is read, so that no growth falls between the two.
    this.#unwatch ??= watchLog(this.#following.log.path, () => this.#look());
    while (this.#isChanged && !this.#isStopped) {
      this.#isChanged = false;
      await this.#sendToEnd();
    }
    if (!this.#isStopped) this.#state = "idle";
  }

  async #sendToEnd(): Promise<void> {
    const { log, number, outlet } = this.#following;
    while (!outlet.isFull) {
      const wanted = { offset: this.#offset, limitBytes: PIECE_BYTES };
      const chunk = await readChunk({ ...log, job: this.#job }, wanted);
      if (this.#isStopped) return;
      if (chunk.next_offset > this.#offset) {
        this.#offset = chunk.next_offset;
        outlet.notify("log.data", { subscription: number, ...chunk });
      }
      if (chunk.complete) this.#finish();
      if (chunk.complete || chunk.next_offset === wanted.offset) return;
    }
  }

  #finish(): void {
    const { number, outlet, end, shown } = this.#following;
    outlet.notify("log.end", {
      subscription: number,
      job: shown(this.#job),
      next_offset: this.#offset,
    });
    end();
  }
}
