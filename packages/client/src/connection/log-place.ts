// How far a follower has read a log: what fits on, what is a repeat, and what leaves a gap.
import { logBytes, type LogChunk, type ParamsOf, type ResultOf } from "@fetchml/protocol";

/** Some bytes of a log. Offsets count bytes from the start of the attempt's log. */
export interface LogPiece {
  readonly bytes: Buffer;
  readonly attempt: number;
  readonly offset: number;
  /**
   * Where the next piece begins. It is `offset` plus the length of `bytes`, but where the server has left out the middle
   * of a log that grew too large: there `bytes` says so.
   */
  readonly nextOffset: number;
}

/** Where to begin. */
export interface LogStart {
  /** As a caller names a job; `12#2` for one attempt. */
  readonly job: string;
  /** One attempt only. Default: the newest, and all that follow it. */
  readonly attempt?: number;
  /** First byte. Default 0. */
  readonly offset?: number;
  /** Begin so that at most this many last lines follow. Not together with `offset`. */
  readonly tailLines?: number;
}

/** What a chunk is to a follower at a certain place: its new part, nothing new, or not what comes next. */
export type Fit =
  | { readonly kind: "new"; readonly piece: LogPiece }
  | { readonly kind: "repeat" }
  | { readonly kind: "gap" };

/** A follower's place in the logs of one job. It only ever moves forward, by what it was given. */
export class LogPlace {
  /** Whether one attempt was named. */
  readonly isOneAttempt: boolean;
  #job: string;
  #attempt: number | undefined;
  #offset: number | undefined;
  readonly #tailLines: number | undefined;

  constructor(start: LogStart) {
    const [, job = start.job, named] = /^(.+)#(\d+)$/.exec(start.job) ?? [];
    this.#job = job;
    this.#attempt = start.attempt ?? (named === undefined ? undefined : Number(named));
    this.#offset = start.offset;
    this.#tailLines = start.tailLines;
    this.isOneAttempt = this.#attempt !== undefined;
  }

  /** The job, as it was named or, once that is known, by its id. */
  get job(): string {
    return this.#job;
  }

  /** The attempt that is read or awaited. */
  get attempt(): number {
    return this.#attempt ?? 1;
  }

  /** The next byte; `undefined` until the server has said where the log begins for this follower. */
  get offset(): number | undefined {
    return this.#offset;
  }

  /** What to ask the server for. */
  request(): ParamsOf<"log.subscribe"> {
    return {
      job: this.#job,
      ...(this.#attempt === undefined ? {} : { attempt: this.#attempt }),
      ...(this.#offset === undefined ? {} : { offset: this.#offset }),
      ...(this.#offset !== undefined || this.#tailLines === undefined
        ? {}
        : { tail_lines: this.#tailLines }),
    };
  }

  /** Keeps the job that the name stands for: later, the name may stand for a newer one. */
  pinJob(id: number): void {
    this.#job = String(id);
  }

  /** Keeps what the server answered to {@link request}. */
  pin(answer: ResultOf<"log.subscribe">): void {
    this.pinJob(answer.job.id);
    this.#attempt = answer.attempt;
    this.#offset ??= answer.offset;
  }

  /** Goes to the start of the attempt after this one. */
  goToNextAttempt(): void {
    this.#attempt = this.attempt + 1;
    this.#offset = 0;
  }

  /** Looks where a chunk fits, and moves on past what is new of it. */
  take(chunk: LogChunk): Fit {
    const here = this.#offset ?? 0;
    if (chunk.attempt !== this.attempt || chunk.offset > here) return { kind: "gap" };
    if (chunk.next_offset <= here) return { kind: "repeat" };
    const bytes = logBytes(chunk.bytes);
    // Where the middle was left out, bytes and offsets do not run side by side, and a part cannot be cut off.
    const isWhole = bytes.length === chunk.next_offset - chunk.offset;
    if (chunk.offset < here && !isWhole) return { kind: "gap" };
    this.#offset = chunk.next_offset;
    return {
      kind: "new",
      piece: {
        bytes: bytes.subarray(here - chunk.offset),
        attempt: this.attempt,
        offset: here,
        nextOffset: chunk.next_offset,
      },
    };
  }
}
