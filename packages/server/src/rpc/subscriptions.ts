// The subscriptions of one connection.
import { FetchmlError, type NotificationName, type NotificationOf } from "@fetchml/protocol";

/** Most subscriptions of one connection. */
export const MOST_SUBSCRIPTIONS = 256;

/** The connection as a subscription sees it. */
export interface Outlet {
  notify<N extends NotificationName>(name: N, params: NotificationOf<N>): void;
  /** Whether the connection has so much to send that a subscription should wait for {@link Subscription.drained}. */
  readonly isFull: boolean;
  /** Ends the connection because a subscription cannot go on; the client may connect again and resume. */
  fail(error: unknown): void;
}

/** One running subscription. */
export interface Subscription {
  /** Begins to send. Called once, after the answer that tells its number was sent. */
  start(): void;
  /** The connection can take more again. */
  drained(): void;
  /** Ends it: it sends nothing more. Safe twice. */
  stop(): void;
}

/** Where a call leaves the subscription that it makes. */
export interface Feed {
  /**
   * Adds the subscription that is made for the number; answers both.
   * @throws FetchmlError quota-exceeded; conflict when the connection has ended: nothing would ever end the subscription
   */
  subscribe<S extends Subscription>(
    make: (number: number, outlet: Outlet) => S,
  ): { readonly number: number; readonly subscription: S };
  /** Ends a subscription; false when there is none of that number. */
  unsubscribe(number: number): boolean;
}

/** All subscriptions of a connection, numbered from 1. */
export class Subscriptions {
  readonly #outlet: Outlet;
  readonly #running = new Map<number, Subscription>();
  #last = 0;
  #isClosed = false;

  constructor(outlet: Outlet) {
    this.#outlet = outlet;
  }

  /** A feed for the calls of one frame, and what starts their subscriptions once the frame is answered. */
  feedOfFrame(): { readonly feed: Feed; readonly start: () => void } {
    const made: Subscription[] = [];
    const feed: Feed = {
      subscribe: (make) => {
        // A call may have waited for a commit meanwhile.
        if (this.#isClosed) throw hasEnded();
        if (this.#running.size >= MOST_SUBSCRIPTIONS) throw tooMany();
        this.#last += 1;
        const number = this.#last;
        const subscription = make(number, this.#outlet);
        this.#running.set(number, subscription);
        made.push(subscription);
        return { number, subscription };
      },
      unsubscribe: (number) => this.end(number),
    };
    const start = () => {
      for (const subscription of made) subscription.start();
    };
    return { feed, start };
  }

  /** Ends one; false when there is none of that number. */
  end(number: number): boolean {
    const subscription = this.#running.get(number);
    if (subscription === undefined) return false;
    this.#running.delete(number);
    subscription.stop();
    return true;
  }

  /** Tells all that the connection can take more. */
  drained(): void {
    for (const subscription of this.#running.values()) subscription.drained();
  }

  /** Ends all, and takes no more. Safe twice. */
  close(): void {
    this.#isClosed = true;
    for (const number of this.#running.keys()) this.end(number);
  }
}

function hasEnded(): FetchmlError {
  return new FetchmlError("conflict", "The connection has ended: connect again and ask anew.");
}

function tooMany(): FetchmlError {
  return new FetchmlError(
    "quota-exceeded",
    `This connection has ${MOST_SUBSCRIPTIONS} subscriptions already. End some with subscription.end, or open another connection.`,
  );
}
