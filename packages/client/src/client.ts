// What a connection to a FetchML server offers to its users.
import type {
  MethodName,
  NotificationName,
  NotificationOf,
  ParamsOf,
  ResultOf,
} from "@fetchml/protocol";

/** One WebSocket connection that speaks JSON-RPC. */
export interface Client {
  /**
   * Calls a method.
   * @throws FetchmlError with the server's code and message; `unreachable` when the connection is lost before the answer.
   */
  call<M extends MethodName>(method: M, params: ParamsOf<M>): Promise<ResultOf<M>>;

  /** Calls the listener for every notification of that name; returns what takes it off again. */
  on<N extends NotificationName>(
    name: N,
    listener: (params: NotificationOf<N>) => void,
  ): () => void;

  /** Resolves with the reason when the connection has ended; `null` after {@link close}. */
  readonly closed: Promise<Error | null>;

  /** Closes the connection. Safe twice. */
  close(): void;
}

/** Where and as whom to connect. */
export interface Endpoint {
  /** `ws://…/ws` or `wss://…/ws`. */
  readonly apiUrl: string;
  readonly apiKey: string;
  /** Who is calling, for the server's list of last use, such as `ml/0.1.0 linux`. */
  readonly clientName: string;
  /** Certificates to trust in place of the system's authorities, as PEM. Left out or `null`: the system's. */
  readonly ca?: string | null;
  /** The box behind a tunnel, `HOST` or `USER@HOST`, for advice alone. */
  readonly workerHost?: string | null;
  /** Time allowed until the connection is open, in milliseconds. Default 10 s. */
  readonly connectTimeoutMs?: number;
}
