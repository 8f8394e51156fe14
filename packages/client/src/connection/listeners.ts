// Who wants to hear which notification.
import type { NotificationName, NotificationOf } from "@fetchml/protocol";

type Listener = (params: never) => void;

/** The notification listeners of one connection. */
export class Listeners {
  readonly #byName = new Map<string, Set<Listener>>();

  /** Adds a listener; returns what takes it off again, which is safe twice. */
  add<N extends NotificationName>(
    name: N,
    listener: (params: NotificationOf<N>) => void,
  ): () => void {
    const listeners = this.#byName.get(name) ?? new Set<Listener>();
    this.#byName.set(name, listeners);
    // A wrapper of its own, so that the same function may listen twice.
    const own: Listener = (params) => listener(params);
    listeners.add(own);
    return () => {
      listeners.delete(own);
    };
  }

  /** Tells all listeners of that name, in the order they came. A name that nobody listens to is ignored. */
  tell(name: string, params: unknown): void {
    for (const listener of this.#byName.get(name) ?? []) {
      // The name stands for the type of its params in the table of notifications, and the server keeps to the table.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      listener(params as never);
    }
  }

  /** Takes all listeners off. */
  clear(): void {
    this.#byName.clear();
  }
}
