// Calls that were sent and wait for their answers.

/** Where an answer goes. */
interface PendingCall {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** The calls of one connection that have no answer yet. Every call ends exactly once. */
export class PendingCalls {
  readonly #calls = new Map<number, PendingCall>();
  #lastId = 0;

  /** Opens a call: the id to send it under, and the answer to come. */
  open(): { readonly id: number; readonly answer: Promise<unknown> } {
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#calls.set(id, { resolve, reject });
    return { id, answer: promise };
  }

  /** Ends a call with its result. An id that is not open is ignored. */
  resolve(id: number, result: unknown): void {
    this.#take(id)?.resolve(result);
  }

  /** Ends a call with an error. An id that is not open is ignored. */
  reject(id: number, error: Error): void {
    this.#take(id)?.reject(error);
  }

  /** Ends all open calls with the same error. */
  rejectAll(error: Error): void {
    for (const id of this.#calls.keys()) this.reject(id, error);
  }

  #take(id: number): PendingCall | undefined {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    return call;
  }
}
