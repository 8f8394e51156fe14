// Sockets that are kept from sending until they are let go.
import type { Socket } from "node:net";

/** Holds each socket once it has sent a number of bytes. */
export class HeldSockets {
  readonly #waiting = new Set<Socket>();
  #limit = Infinity;

  /** How many are held. */
  get size(): number {
    return this.#waiting.size;
  }

  /** From now on a socket that has sent so many bytes sends no more. */
  holdAfter(bytes: number): void {
    this.#limit = bytes;
  }

  /** Passes what a socket has sent on to another, no faster than that takes it; `passed` is the sum with these bytes. */
  pass(from: Socket, to: Socket, { bytes, passed }: { bytes: Buffer; passed: number }): void {
    if (!to.write(bytes)) {
      from.pause();
      to.once("drain", () => {
        if (!this.#waiting.has(from)) from.resume();
      });
    }
    if (passed < this.#limit) return;
    this.#waiting.add(from);
    from.pause();
  }

  forget(socket: Socket): void {
    this.#waiting.delete(socket);
  }

  /** Lets everything through again. */
  release(): void {
    this.#limit = Infinity;
    for (const socket of this.#waiting) socket.resume();
    this.#waiting.clear();
  }
}
