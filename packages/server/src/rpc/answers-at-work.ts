// The requests of one connection that are worked on, and how large their answers will be for all that is known.

/** Requests that are worked on at the same time; further ones wait. */
const MOST_REQUESTS = 512;

/** A batch counts as this many requests, the most it can hold: how many it holds is known only once it is read. */
const REQUESTS_OF_BATCH = 100;

/** Bytes that an answer is thought to have before the first one was seen: large ones must not be made by the hundred. */
const FIRST_GUESS_BYTES = 16_384;

/**
 * Counts answers that are not made yet as if they were sent, since a client that does not read would otherwise get hundreds
 * of them made before the first one is found to be stuck. An answer is thought to be as large as the largest of late.
 */
export class AnswersAtWork {
  #frames = 0;
  #requests = 0;
  #bytesEach = FIRST_GUESS_BYTES;

  /** Frames that are not answered yet. */
  get frames(): number {
    return this.#frames;
  }

  /** Whether another frame may be started on, when the answers to come may have so many bytes. One always may. */
  hasRoom(bytes: number): boolean {
    if (this.#frames === 0) return true;
    return this.#requests < MOST_REQUESTS && this.#requests * this.#bytesEach <= bytes;
  }

  /** A frame is started on; call what it returns once, with the size of what it was answered and of how many answers that is made. */
  begin(frame: string): (answered: { readonly bytes: number; readonly answers: number }) => void {
    const isBatch = !frame.startsWith("{") && /^\s*\[/.test(frame);
    const requests = isBatch ? REQUESTS_OF_BATCH : 1;
    this.#frames += 1;
    this.#requests += requests;
    return ({ bytes, answers }) => {
      this.#frames -= 1;
      this.#requests -= requests;
      const seen = bytes / Math.max(1, answers);
      this.#bytesEach = Math.max(seen, (this.#bytesEach * 7) / 8);
    };
  }
}
