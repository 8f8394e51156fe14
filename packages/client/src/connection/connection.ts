// One WebSocket that speaks JSON-RPC: its state from the first byte to the last.
import {
  FetchmlError,
  MAX_REQUEST_BYTES,
  type MethodName,
  type NotificationName,
  type NotificationOf,
  type ParamsOf,
  type ResultOf,
} from "@fetchml/protocol";
import type { Client, Endpoint } from "../client.ts";
import { closeError, type SocketClose } from "./close-reason.ts";
import { decodeFrame, encodeRequest, type Frame } from "./envelope.ts";
import { helloProblem } from "./hello.ts";
import { Listeners } from "./listeners.ts";
import { LIVENESS, watchLiveness, type LivenessTimes } from "./liveness.ts";
import { PendingCalls } from "./pending-calls.ts";
import { requestHeaders } from "./request-headers.ts";
import { SocketFailure } from "./socket-failure.ts";

const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;

/** A connection that is being made, open, or over. Every call ends: with its answer, or when the connection does. */
export class Connection implements Client {
  /** Resolves when the server has said hello. @throws SocketFailure or FetchmlError when it comes to nothing. */
  readonly ready: Promise<void>;
  readonly closed: Promise<Error | null>;

  readonly #apiUrl: string;
  readonly #socket: WebSocket;
  readonly #pending = new PendingCalls();
  readonly #listeners = new Listeners();
  readonly #ready = Promise.withResolvers<void>();
  readonly #closed = Promise.withResolvers<Error | null>();
  readonly #connectTimer: ReturnType<typeof setTimeout>;
  readonly #liveness: LivenessTimes;
  #stopWatch: () => void = () => undefined;
  #hasOpened = false;
  #isGreeted = false;
  /** Set once, by whatever ends the connection first. */
  #end: { readonly error: Error } | undefined;
  #socketError: unknown;

  /** Starts to connect at once. */
  constructor(endpoint: Endpoint, liveness: LivenessTimes = LIVENESS) {
    this.#apiUrl = endpoint.apiUrl;
    this.#liveness = liveness;
    this.ready = this.#ready.promise;
    this.closed = this.#closed.promise;
    const timeoutMs = endpoint.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS;
    this.#connectTimer = setTimeout(() => this.#giveUpConnecting(timeoutMs), timeoutMs);
    this.#socket = new WebSocket(endpoint.apiUrl, {
      headers: requestHeaders(endpoint),
      perMessageDeflate: false,
      ...(endpoint.ca ? { tls: { ca: endpoint.ca } } : {}),
    });
    this.#socket.addEventListener("open", () => {
      this.#hasOpened = true;
    });
    this.#socket.addEventListener("message", (event) => this.#receive(event.data));
    this.#socket.addEventListener("error", (event) => {
      this.#socketError = event.error;
    });
    this.#socket.addEventListener("close", (event) => this.#socketClosed(event));
  }

  async call<M extends MethodName>(method: M, params: ParamsOf<M>): Promise<ResultOf<M>> {
    if (this.#end !== undefined) throw this.#end.error;
    const { id, answer } = this.#pending.open();
    const frame = encodeRequest(id, method, params);
    const size = byteLength(frame);
    if (size > MAX_REQUEST_BYTES) this.#pending.reject(id, tooLarge(method, size));
    else this.#socket.send(frame);
    // The server answers as the method table says; a second check here would cost every command the schemas' start-up.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    return (await answer) as ResultOf<M>;
  }

  on<N extends NotificationName>(
    name: N,
    listener: (params: NotificationOf<N>) => void,
  ): () => void {
    return this.#listeners.add(name, listener);
  }

  close(): void {
    this.#finish(
      new FetchmlError("unreachable", `The connection to FetchML at ${this.#apiUrl} was closed.`),
      null,
    );
    this.#socket.close(1000);
  }

  #receive(data: unknown): void {
    if (this.#end !== undefined) return;
    const frame: Frame =
      typeof data === "string" ? decodeFrame(data) : { kind: "nonsense" as const };
    if (this.#isGreeted) this.#handle(frame);
    else this.#greet(frame);
  }

  #greet(frame: Frame): void {
    const problem = helloProblem(this.#apiUrl, frame);
    if (problem !== undefined) {
      this.#finish(problem, problem);
      this.#socket.close(1000);
      return;
    }
    this.#isGreeted = true;
    clearTimeout(this.#connectTimer);
    this.#stopWatch = watchLiveness(this.#socket, () => this.#die(), this.#liveness);
    this.#ready.resolve();
  }

  #handle(frame: Frame): void {
    switch (frame.kind) {
      case "result":
        this.#pending.resolve(frame.id, frame.result);
        break;
      case "error":
        // Without an id the server could not read the frame, so it cannot be told whose answer this is.
        if (frame.id === null) this.#pending.rejectAll(frame.error);
        else this.#pending.reject(frame.id, frame.error);
        break;
      case "notification":
        this.#listeners.tell(frame.method, frame.params);
        break;
      case "nonsense": {
        const error = new FetchmlError(
          "internal-error",
          `FetchML at ${this.#apiUrl} sent something that is not JSON-RPC 2.0.`,
        );
        this.#finish(error, error);
        this.#socket.close(1000);
      }
    }
  }

  #socketClosed(close: SocketClose): void {
    const error = this.#hasOpened
      ? closeError(this.#apiUrl, close)
      : SocketFailure.of(this.#socketError);
    this.#finish(error, error);
  }

  #giveUpConnecting(afterMs: number): void {
    const error = new SocketFailure(
      this.#hasOpened ? "no-hello" : "no-answer",
      `${afterMs / 1000} s`,
    );
    this.#finish(error, error);
    this.#socket.terminate();
  }

  #die(): void {
    const error = new FetchmlError(
      "unreachable",
      `The connection to FetchML at ${this.#apiUrl} went silent. Jobs go on; try again.`,
    );
    this.#finish(error, error);
    this.#socket.terminate();
  }

  /** Ends everything that waits. `closed` first: who reconnects must know of the end before a call fails. */
  #finish(error: Error, reason: Error | null): void {
    if (this.#end !== undefined) return;
    this.#end = { error };
    clearTimeout(this.#connectTimer);
    this.#stopWatch();
    this.#closed.resolve(reason);
    if (!this.#isGreeted) this.#ready.reject(error);
    this.#pending.rejectAll(error);
    this.#listeners.clear();
  }
}

/** In UTF-8. Counted only where it may matter: the first use of Buffer takes 0.2 ms. */
function byteLength(text: string): number {
  return 3 * text.length <= MAX_REQUEST_BYTES ? text.length : Buffer.byteLength(text);
}

function tooLarge(method: string, size: number): FetchmlError {
  return new FetchmlError(
    "too-large",
    `Cannot send ${method}: the request has ${size} bytes, and the server takes at most ${MAX_REQUEST_BYTES}.\n` +
      "Shorten the command or the environment; large values belong in a file of the project.",
  );
}
