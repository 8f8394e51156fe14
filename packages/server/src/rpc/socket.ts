// One WebSocket connection: its frames, answers and subscriptions, to its end.
import {
  CLOSE_KEY_ENDED,
  CLOSE_TOO_SLOW,
  keyEndReason,
  PRODUCT_VERSION,
  PROTOCOL_VERSION,
  type NotificationName,
  type NotificationOf,
  type RpcNotification,
} from "@fetchml/protocol";
import type { ConnectionEnd, LiveConnection } from "../auth/connections.ts";
import type { KeyHolder, Principal } from "../domain/principal.ts";
import { AnswersAtWork } from "./answers-at-work.ts";
import type { RpcContext } from "./context.ts";
import { FrameQueue } from "./frame-queue.ts";
import { Outbox } from "./outbox.ts";
import { replyText, replyTo } from "./replies.ts";
import { Subscriptions } from "./subscriptions.ts";

/** Text of frames that may wait, in UTF-16 units; a connection that sends more is closed. */
const MOST_WAITING = 16 * 1_048_576;

/** Bytes not yet taken by the network at which subscriptions and waiting frames pause; for the latter answers to come count too. */
const PAUSE_ABOVE = 1_048_576;

/** Bytes not yet taken by the network at which news finds a connection too slow; answers do not, as each was asked for. */
const TOO_SLOW_ABOVE = 16 * 1_048_576;

/** How long a closing connection may take to receive what was sent before. */
const LAST_WORDS_MS = 2_000;

/** Pings without an answer after which the client counts as gone. */
const MOST_UNANSWERED_PINGS = 2;

/** The WebSocket as Bun hands it over, with its connection attached. */
export type ServerSocket = Bun.ServerWebSocket<RpcSocket>;

/** Who has opened a connection. */
export interface SocketOwner {
  readonly principal: Principal;
  /** `null` on the box's own socket. */
  readonly address: string | null;
  /** What the client calls itself. */
  readonly client: string | null;
}

/** Owns one connection. After {@link end} nothing more is handled, and nothing more is sent but what was sent before. */
export class RpcSocket {
  readonly #ctx: RpcContext;
  readonly #owner: SocketOwner;
  readonly #subscriptions: Subscriptions;
  #ws: ServerSocket | null = null;
  /** `null` on the box's own socket. */
  #live: LiveConnection | null = null;
  #unregister: () => void = () => undefined;
  #closeWith: { readonly code: number; readonly reason: string } | null = null;
  #lastWords: ReturnType<typeof setTimeout> | null = null;
  readonly #waiting = new FrameQueue();
  readonly #outbox = new Outbox((frames) => {
    this.#ws?.cork((ws) => {
      for (const frame of frames) ws.send(frame);
    });
  });
  readonly #atWork = new AnswersAtWork();
  #isEnded = false;
  #unansweredPings = 0;
  readonly #whenIdle: (() => void)[] = [];

  constructor(ctx: RpcContext, owner: SocketOwner) {
    this.#ctx = ctx;
    this.#owner = owner;
    this.#subscriptions = new Subscriptions(this.#outlet());
  }

  /** The connection is open: says hello, unless its key has ended meanwhile. */
  opened(ws: ServerSocket): void {
    this.#ws = ws;
    const { principal } = this.#owner;
    if (principal.kind === "key") {
      this.#live = {
        keyId: principal.keyId,
        userId: principal.userId,
        expiresAt: principal.keyExpiresAt,
        end: (why) => this.#endKey(why),
      };
      this.#unregister = this.#ctx.auth.connections.add(this.#live);
      if (!this.#isStillGood(principal)) return;
    }
    this.#ctx.log.debug("connection-opened", this.#who());
    this.#notify("hello", {
      protocol_version: PROTOCOL_VERSION,
      server_version: PRODUCT_VERSION,
    });
    // At once, so that it travels with the answer to the upgrade.
    this.#outbox.flush();
  }

  /** A frame has arrived. */
  received(frame: string | Buffer): void {
    this.#unansweredPings = 0;
    if (this.#isEnded) return;
    if (typeof frame !== "string") {
      this.end(1003, "FetchML speaks JSON-RPC in text frames.");
    } else if (this.#waiting.size + frame.length > MOST_WAITING) {
      this.end(1008, "Too many requests at once: wait for answers.");
    } else {
      this.#waiting.push(frame);
      this.#takeWaiting();
    }
  }

  /** The network has taken all that was sent. */
  drained(): void {
    if (!this.#isEnded) {
      this.#subscriptions.drained();
      this.#takeWaiting();
    } else if (this.#closeWith !== null) {
      this.#closeNow(this.#closeWith);
    }
  }

  /** The connection is closed, by whomever. Safe twice. */
  closed(): void {
    this.#isEnded = true;
    this.#closeWith = null;
    if (this.#lastWords !== null) clearTimeout(this.#lastWords);
    this.#waiting.clear();
    this.#outbox.clear();
    this.#subscriptions.close();
    this.#unregister();
    this.#ctx.log.debug("connection-closed", this.#who());
    for (const tell of this.#whenIdle.splice(0)) tell();
  }

  /** Keeps the connection from looking dead to whatever stands between, and cuts it off when its client is. */
  ping(): void {
    if (this.#isEnded) return;
    if (this.#unansweredPings === MOST_UNANSWERED_PINGS) {
      this.#ws?.terminate();
      return;
    }
    this.#unansweredPings += 1;
    this.#ws?.ping();
  }

  /** The client has answered a ping. */
  ponged(): void {
    this.#unansweredPings = 0;
  }

  /** Takes no more frames; resolves when those at work are answered. */
  async finish(): Promise<void> {
    this.#waiting.clear();
    if (this.#atWork.frames === 0 || this.#isEnded) return;
    await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }

  /** Ends the connection with a close code. What was sent before may still arrive. Safe twice. */
  end(code: number, reason: string): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#outbox.flush();
    this.#subscriptions.close();
    this.#unregister();
    if (this.#bufferedBytes() === 0) {
      this.#closeNow({ code, reason });
      return;
    }
    // Bun's close() on a peer that does not read leaves the socket open: nothing can end it after that.
    this.#closeWith = { code, reason };
    this.#lastWords = setTimeout(() => this.#ws?.terminate(), LAST_WORDS_MS);
  }

  /** The check after the connection was registered: nothing can have ended the key unnoticed between the two. */
  #isStillGood(principal: KeyHolder): boolean {
    const { auth, authenticator } = this.#ctx;
    try {
      const why = authenticator.endOf(principal);
      if (why !== null) {
        this.end(CLOSE_KEY_ENDED, keyEndReason(why));
        return false;
      }
      const { keyId, keyExpiresAt, keySupersededBy } = authenticator.checkAgain(principal);
      if (keySupersededBy !== null && keyExpiresAt !== null) {
        auth.connections.replaceKey(keyId, keyExpiresAt);
      }
      return true;
    } catch (error) {
      this.#fail("key-not-checked", error);
      return false;
    }
  }

  #endKey(why: ConnectionEnd): void {
    // What waits to be sent must not arrive after the key's end, so a slow reader is cut off without a word.
    this.#outbox.flush();
    const isBehind = this.#bufferedBytes() > 0;
    this.end(CLOSE_KEY_ENDED, keyEndReason(why));
    if (isBehind) this.#ws?.terminate();
  }

  #closeNow({ code, reason }: { readonly code: number; readonly reason: string }): void {
    this.#closeWith = null;
    this.#ws?.close(code, reason);
  }

  #isKeyValid(): boolean {
    const { principal, address, client } = this.#owner;
    if (principal.kind === "local") return true;
    const expiresAt = this.#live?.expiresAt ?? null;
    if (expiresAt !== null && expiresAt <= this.#ctx.auth.clock.now()) {
      const isReplaced = expiresAt !== principal.keyExpiresAt;
      this.end(CLOSE_KEY_ENDED, keyEndReason(isReplaced ? "key-replaced" : "key-expired"));
      return false;
    }
    this.#ctx.authenticator.noteUse(principal, { address: address ?? "", client });
    return true;
  }

  async #handle(frame: string): Promise<void> {
    const answered = this.#atWork.begin(frame);
    const { feed, start } = this.#subscriptions.feedOfFrame();
    const { principal, address } = this.#owner;
    const reply = await replyTo(this.#ctx, { principal, address, feed }, frame);
    const text = replyText(reply);
    const answers = reply.kind === "batch" ? reply.responses.length : 1;
    answered({ bytes: text?.length ?? 0, answers });
    if (text !== null && !this.#isEnded) this.#outbox.push(text);
    if (!this.#isEnded) start();
    this.#takeWaiting();
  }

  /** Starts on frames that wait, unless enough are at work or the client is behind with reading answers. */
  #takeWaiting(): void {
    while (!this.#isEnded && this.#mayTakeMore()) {
      const frame = this.#waiting.take();
      if (frame === undefined || !this.#isKeyValid()) break;
      void this.#handle(frame);
    }
    if (this.#atWork.frames === 0) for (const tell of this.#whenIdle.splice(0)) tell();
  }

  #mayTakeMore(): boolean {
    const buffered = this.#bufferedBytes();
    return buffered <= PAUSE_ABOVE && this.#atWork.hasRoom(PAUSE_ABOVE - buffered);
  }

  #bufferedBytes(): number {
    return (this.#ws?.getBufferedAmount() ?? 0) + this.#outbox.size;
  }

  #notify<N extends NotificationName>(method: N, params: NotificationOf<N>): void {
    const notification: RpcNotification = { jsonrpc: "2.0", method, params };
    if (this.#isEnded) return;
    if (this.#bufferedBytes() > TOO_SLOW_ABOVE) {
      this.#ctx.log.warn("connection-too-slow", this.#who());
      this.end(CLOSE_TOO_SLOW, "This connection reads more slowly than the server may buffer.");
      return;
    }
    this.#outbox.push(JSON.stringify(notification));
  }

  /** The server's own trouble, not the client's: the client may connect again. */
  #fail(what: string, error: unknown): void {
    this.#ctx.log.error(what, { error });
    this.end(1011, "The server failed to go on with this connection. Connect again.");
  }

  #who() {
    const { principal, address, client } = this.#owner;
    const keyId = principal.kind === "key" ? principal.keyId : null;
    return { user: principal.user, key_id: keyId, address, client };
  }

  #outlet() {
    const isFull = () => this.#bufferedBytes() > PAUSE_ABOVE;
    return {
      notify: <N extends NotificationName>(method: N, params: NotificationOf<N>) =>
        this.#notify(method, params),
      get isFull() {
        return isFull();
      },
      fail: (error: unknown) => this.#fail("subscription-failed", error),
    };
  }
}
