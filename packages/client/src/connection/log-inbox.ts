// What the server has sent of a log and the reader has not yet taken: never more than a bounded amount.
import type { NotificationOf } from "@fetchml/protocol";
import type { Client } from "../client.ts";

/**
 * What comes out of an inbox. The last two come last: `overflow`, the reader was too slow and what follows must be asked for
 * again; `lost`, the connection has ended.
 */
export type LogNews =
  | { readonly kind: "data"; readonly data: NotificationOf<"log.data"> }
  | { readonly kind: "end"; readonly end: NotificationOf<"log.end"> }
  | { readonly kind: "overflow" }
  | { readonly kind: "lost"; readonly error: Error | null };

/** How much may lie unread, in bytes, before the server is asked to stop. */
const INBOX_LIMIT_BYTES = 8 * 1024 * 1024;

/** What one notification costs in memory beside its bytes, roughly. */
const NEWS_OVERHEAD_BYTES = 256;

/**
 * Collects the notifications of one log subscription. A reader slower than the server must not fill this machine's memory:
 * at the limit the subscription is ended and what still comes is dropped.
 */
export class LogInbox {
  readonly #client: Client;
  readonly #limitBytes: number;
  readonly #offs: readonly (() => void)[];
  #news: LogNews[] = [];
  #unreadBytes = 0;
  /** How it came to an end, after which nothing is taken in any more. */
  #last: "log-end" | "overflow" | "lost" | undefined;
  #subscription: number | undefined;
  #hasSomething = Promise.withResolvers<void>();

  /** Listens at once, so that nothing is missed that arrives together with the answer to the subscription. */
  constructor(client: Client, limitBytes: number = INBOX_LIMIT_BYTES) {
    this.#client = client;
    this.#limitBytes = limitBytes;
    this.#offs = [
      client.on("log.data", (data) => this.#put({ kind: "data", data })),
      client.on("log.end", (end) => this.#put({ kind: "end", end })),
    ];
    void client.closed.then((error) => this.#put({ kind: "lost", error }));
  }

  /** Tells which subscription it is for. News of others is dropped. */
  adopt(subscription: number): void {
    this.#subscription = subscription;
    this.#news = this.#news.filter(
      (news) => (subscriptionOf(news) ?? subscription) === subscription,
    );
    if (this.#last === "overflow") this.#endSubscription();
    // Until now it could have been the end of another subscription.
    else if (this.#news.some((news) => news.kind === "end")) this.#last = "log-end";
  }

  /** All news in order, waiting for each; ends after the last of all. What was given out no longer counts as unread. */
  async *news(): AsyncGenerator<LogNews, void> {
    for (;;) {
      if (this.#news.length === 0 && this.#last !== undefined) return;
      if (this.#news.length === 0) await this.#hasSomething.promise;
      const batch = this.#news;
      this.#news = [];
      this.#unreadBytes = 0;
      this.#hasSomething = Promise.withResolvers<void>();
      yield* batch;
    }
  }

  /** Stops listening, and ends the subscription when it has not ended by itself. Safe twice. */
  close(): void {
    for (const off of this.#offs) off();
    if (this.#last === undefined) this.#endSubscription();
    this.#last ??= "log-end";
    // The connection keeps the inbox until it ends, for the sake of the listener on its end.
    this.#news = [];
    this.#hasSomething.resolve();
  }

  #put(news: LogNews): void {
    const subscription = subscriptionOf(news) ?? this.#subscription;
    const isForeign = this.#subscription !== undefined && subscription !== this.#subscription;
    if (isForeign || this.#last !== undefined) return;
    this.#news.push(news);
    this.#unreadBytes += NEWS_OVERHEAD_BYTES + sizeOf(news);
    if (news.kind === "end" && this.#subscription !== undefined) this.#last = "log-end";
    else if (news.kind === "lost") this.#last = "lost";
    else if (this.#unreadBytes > this.#limitBytes) this.#overflow();
    this.#hasSomething.resolve();
  }

  #overflow(): void {
    this.#news.push({ kind: "overflow" });
    this.#last = "overflow";
    this.#endSubscription();
  }

  #endSubscription(): void {
    if (this.#subscription === undefined) return;
    // Only a courtesy: with the connection gone the subscription is gone too.
    this.#client
      .call("subscription.end", { subscription: this.#subscription })
      .catch(() => undefined);
  }
}

function subscriptionOf(news: LogNews): number | undefined {
  switch (news.kind) {
    case "data":
      return news.data.subscription;
    case "end":
      return news.end.subscription;
    case "overflow":
    case "lost":
      return undefined;
  }
}

function sizeOf(news: LogNews): number {
  if (news.kind !== "data") return 0;
  const { bytes } = news.data;
  return "text" in bytes ? bytes.text.length : bytes.base64.length;
}
