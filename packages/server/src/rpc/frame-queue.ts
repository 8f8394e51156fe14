// Frames that wait for their turn, first come first served.

/** A queue that takes constant time at both ends, however many frames wait. */
export class FrameQueue {
  #frames: string[] = [];
  #first = 0;
  #size = 0;

  /** Length of all waiting text, in UTF-16 units. */
  get size(): number {
    return this.#size;
  }

  push(frame: string): void {
    this.#frames.push(frame);
    this.#size += frame.length;
  }

  /** The frame that has waited longest; `undefined` when none waits. */
  take(): string | undefined {
    const frame = this.#frames[this.#first];
    if (frame === undefined) return undefined;
    this.#first += 1;
    this.#size -= frame.length;
    if (this.#first === this.#frames.length) this.clear();
    return frame;
  }

  clear(): void {
    this.#frames = [];
    this.#first = 0;
    this.#size = 0;
  }
}
