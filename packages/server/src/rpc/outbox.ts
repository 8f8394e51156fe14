// Frames of one moment, which leave together.

/**
 * Gathers the frames that a turn's commit sets free and hands them over at the end of that moment, in their order: a system call for
 * each was a quarter of the cost of a submit.
 */
export class Outbox {
  readonly #deliver: (frames: readonly string[]) => void;
  #frames: string[] = [];
  #size = 0;

  /** `deliver` gets what has gathered, at least one frame. */
  constructor(deliver: (frames: readonly string[]) => void) {
    this.#deliver = deliver;
  }

  /** Length of what has gathered, in UTF-16 units. */
  get size(): number {
    return this.#size;
  }

  push(frame: string): void {
    // A microtask: the answers that one commit sets free come one right after the other, and nobody else waits for this.
    if (this.#frames.length === 0) queueMicrotask(() => this.flush());
    this.#frames.push(frame);
    this.#size += frame.length;
  }

  /** Hands over now what has gathered. */
  flush(): void {
    if (this.#frames.length === 0) return;
    const frames = this.#frames;
    this.clear();
    this.#deliver(frames);
  }

  /** Forgets what has gathered. */
  clear(): void {
    this.#frames = [];
    this.#size = 0;
  }
}
