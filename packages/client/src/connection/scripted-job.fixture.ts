// One job with its logs, on a scripted server: it starts, writes, ends and is queued again as the test says.
import { FetchmlError, type Job, type LogChunk, type Outcome } from "@fetchml/protocol";
import type { Answer, Peer } from "./scripted-server.fixture.ts";

/** What the fixture may do to chunks on their way, such as repeat one or leave one out. */
export type Mangle = (chunk: LogChunk) => readonly LogChunk[];

interface Follower {
  readonly peer: Peer;
  readonly subscription: number;
  readonly attempt: number;
  offset: number;
}

/** A job, and the answers that a server gives about it. */
export class ScriptedJob {
  job: Job;
  mangle: Mangle = (chunk) => [chunk];
  /** Sizes of the chunks, taken in turn. */
  chunkSizes: readonly number[] = [7, 64, 1, 1000];
  /** Bytes of log sent so far, over all connections. */
  sentBytes = 0;
  readonly #logs = new Map<number, { bytes: Buffer; hasEnded: boolean }>();
  readonly #followers = new Set<Follower>();
  readonly #watchers = new Map<number, Peer>();
  #lastSubscription = 0;
  #chunk = 0;

  constructor(job: Partial<Job> = {}) {
    this.job = { ...QUEUED, ...job };
  }

  readonly answers: Readonly<Record<string, Answer>> = {
    "log.subscribe": (params: never, peer) => this.#follow(params, peer),
    "job.subscribe": (params: never, peer) => this.#watch(params, peer),
    "subscription.end": ({ subscription }: { subscription: number }) => {
      for (const one of this.#followers) {
        if (one.subscription === subscription) this.#followers.delete(one);
      }
      return { ended: this.#watchers.delete(subscription) };
    },
  };

  /** How many subscriptions of either kind are alive. */
  get subscriptionCount(): number {
    return this.#followers.size + this.#watchers.size;
  }

  /** Begins the next attempt, with this much of its log written. */
  start(log: Buffer | string = ""): void {
    const attempt = this.job.attempt + 1;
    this.#logs.set(attempt, { bytes: Buffer.from(log), hasEnded: false });
    this.change({ state: "running", attempt, outcome: null });
  }

  write(text: Buffer | string): void {
    const log = this.#log(this.job.attempt);
    log.bytes = Buffer.concat([log.bytes, Buffer.from(text)]);
  }

  /** Ends the attempt. `queued`: another will follow. */
  end(state: Job["state"], outcome: Outcome = { kind: "exited", exit_code: 0 }): void {
    this.#log(this.job.attempt).hasEnded = true;
    this.change({ state, outcome });
  }

  change(change: Partial<Job>): void {
    this.job = { ...this.job, ...change };
    for (const [subscription, peer] of this.#watchers) {
      peer.notify("job.changed", { subscription, job: this.job });
    }
  }

  #follow(
    params: { job: string; attempt?: number; offset?: number; tail_lines?: number },
    peer: Peer,
  ): unknown {
    this.#check(params.job);
    const attempt = params.attempt ?? this.job.attempt;
    const log = this.#logs.get(attempt);
    if (log === undefined) throw new FetchmlError("log-not-found", `No log of attempt ${attempt}.`);
    const offset = params.offset ?? tailOffset(log.bytes, params.tail_lines);
    const follower = { peer, subscription: ++this.#lastSubscription, attempt, offset };
    this.#followers.add(follower);
    setImmediate(() => this.#pump(follower));
    return { subscription: follower.subscription, job: this.job, attempt, offset };
  }

  /** Sends one chunk, then lets the event loop turn: as a server would that reads a file. */
  #pump(follower: Follower): void {
    if (!this.#followers.has(follower) || !follower.peer.isOpen()) return;
    const log = this.#log(follower.attempt);
    const size = this.chunkSizes[this.#chunk++ % this.chunkSizes.length] ?? 1;
    const bytes = log.bytes.subarray(follower.offset, follower.offset + size);
    if (bytes.length > 0) {
      this.#send(follower, bytes);
    } else if (log.hasEnded) {
      this.#followers.delete(follower);
      const { subscription, offset } = follower;
      follower.peer.notify("log.end", { subscription, job: this.job, next_offset: offset });
    }
    setImmediate(() => this.#pump(follower));
  }

  #send(follower: Follower, bytes: Buffer): void {
    const chunk: LogChunk = {
      job_id: this.job.id,
      attempt: follower.attempt,
      offset: follower.offset,
      next_offset: follower.offset + bytes.length,
      // Any cut through a character makes text impossible; text is tried in turn with the other form.
      bytes: isText(bytes)
        ? { text: bytes.toString("utf8") }
        : { base64: bytes.toString("base64") },
      complete: false,
    };
    follower.offset = chunk.next_offset;
    this.sentBytes += bytes.length;
    for (const one of this.mangle(chunk)) {
      follower.peer.notify("log.data", { subscription: follower.subscription, ...one });
    }
  }

  #watch(params: { jobs?: readonly string[] }, peer: Peer): unknown {
    for (const ref of params.jobs ?? []) this.#check(ref);
    const subscription = ++this.#lastSubscription;
    this.#watchers.set(subscription, peer);
    return { subscription, jobs: (params.jobs ?? []).map(() => this.job) };
  }

  #check(ref: string): void {
    if (ref !== String(this.job.id) && ref !== this.job.name) {
      throw new FetchmlError("job-not-found", `There is no job "${ref}".`);
    }
  }

  #log(attempt: number): { bytes: Buffer; hasEnded: boolean } {
    const log = this.#logs.get(attempt);
    if (log === undefined) throw new Error(`attempt ${attempt} has not begun`);
    return log;
  }
}

const QUEUED: Job = {
  id: 12,
  name: "train",
  user: "alice",
  state: "queued",
  reason: null,
  gpus: 0,
  cpus: 1,
  mem_bytes: 0,
  timeout_ms: null,
  retries: 0,
  attempt: 0,
  created_at: 1,
  eligible_at: null,
  started_at: null,
  ended_at: null,
  outcome: null,
  pinned: false,
};

function tailOffset(bytes: Buffer, lines: number | undefined): number {
  if (lines === undefined) return 0;
  const starts = [
    0,
    ...[...bytes.entries()].flatMap(([at, byte]) => (byte === 10 ? [at + 1] : [])),
  ];
  return starts.filter((start) => start < bytes.length).at(-lines) ?? 0;
}

function isText(bytes: Buffer): boolean {
  return bytes.equals(Buffer.from(bytes.toString("utf8")));
}
