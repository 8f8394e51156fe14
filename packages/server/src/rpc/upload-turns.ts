// Bounds how many uploads of one user are at work at once: further ones wait for their turn.

/**
 * Uploads of one user that are at work at once. Each holds up to a whole manifest in memory, and `ml` itself sends one after the
 * other: several only where it was started several times.
 */
export const UPLOADS_AT_ONCE = 4;

/** Turns by user, first come, first served. No user waits for another. */
export class UploadTurns {
  readonly #most: number;
  readonly #atWork = new Map<number, number>();
  readonly #waiting = new Map<number, Set<() => void>>();

  /** @param most of one user at once, at least 1; default {@link UPLOADS_AT_ONCE} */
  constructor(most: number = UPLOADS_AT_ONCE) {
    this.#most = most;
  }

  /**
   * Does the work once it is this user's turn, and gives the turn back when the work ends, however that is.
   * @param signal ends the waiting; of work that has begun it is the work's own affair
   * @throws what the signal was aborted with, and what the work throws
   */
  async run<T>(userId: number, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    await this.#take(userId, signal);
    try {
      return await work();
    } finally {
      this.#giveBack(userId);
    }
  }

  async #take(userId: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const atWork = this.#atWork.get(userId) ?? 0;
    if (atWork < this.#most) this.#atWork.set(userId, atWork + 1);
    else await this.#wait(userId, signal);
  }

  #wait(userId: number, signal: AbortSignal): Promise<void> {
    const waiting = this.#waiting.get(userId) ?? new Set();
    this.#waiting.set(userId, waiting);
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const begin = (): void => {
      leave();
      resolve(undefined);
    };
    const giveUp = (): void => {
      leave();
      reject(signal.reason);
    };
    const leave = (): void => {
      signal.removeEventListener("abort", giveUp);
      waiting.delete(begin);
      if (waiting.size === 0) this.#waiting.delete(userId);
    };
    waiting.add(begin);
    signal.addEventListener("abort", giveUp);
    return promise;
  }

  /** Hands the turn to the first that waits: the number at work stays then. */
  #giveBack(userId: number): void {
    const [first] = this.#waiting.get(userId) ?? [];
    if (first !== undefined) {
      first();
      return;
    }
    const left = (this.#atWork.get(userId) ?? 1) - 1;
    if (left === 0) this.#atWork.delete(userId);
    else this.#atWork.set(userId, left);
  }
}
