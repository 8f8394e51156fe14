// Requests and transfers under way: each ends with its key, and with the server.
import type { Authenticator } from "../auth/authenticate.ts";
import type { Connections } from "../auth/connections.ts";
import type { KeyHolder } from "../domain/principal.ts";
import { atMost } from "./at-most.ts";
import { endError, shuttingDown } from "./connection-end.ts";

/** Knows every request with a body, and every transfer, that is under way. */
export class Transfers {
  readonly #connections: Connections;
  readonly #running = new Set<AbortController>();
  readonly #whenNone: (() => void)[] = [];

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  /**
   * Runs a request or a transfer. Its signal is aborted when the key ends or the server stops; what it then still answers is dropped.
   * @throws FetchmlError what the signal was aborted with, what the key's check finds, and what the work throws
   */
  async run<T>(
    holder: KeyHolder,
    authenticator: Authenticator,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const controller = new AbortController();
    this.#running.add(controller);
    const unregister = this.#connections.add({
      keyId: holder.keyId,
      userId: holder.userId,
      expiresAt: holder.keyExpiresAt,
      end: (why) => controller.abort(endError(why)),
    });
    try {
      authenticator.checkAgain(holder);
      const answer = await work(controller.signal);
      controller.signal.throwIfAborted();
      return answer;
    } catch (error) {
      controller.signal.throwIfAborted();
      throw error;
    } finally {
      unregister();
      this.#running.delete(controller);
      if (this.#running.size === 0) for (const tell of this.#whenNone.splice(0)) tell();
    }
  }

  /** Resolves when none is under way; those that still are after so long are cut. Safe twice. */
  async close(patienceMs: number): Promise<void> {
    if (this.#running.size === 0) return;
    const finished = new Promise<void>((resolve) => this.#whenNone.push(resolve));
    await atMost(patienceMs, finished);
    for (const controller of this.#running) controller.abort(shuttingDown());
  }
}
