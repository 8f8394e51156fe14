// A small server for tests: real sockets, and answers that the test chooses.
import {
  CLOSE_KEY_ENDED,
  ERROR_CODES,
  FetchmlError,
  keyEndReason,
  PROTOCOL_HEADER,
  PROTOCOL_VERSION,
  SERVER_HEADER,
  type KeyEnd,
  type MethodName,
  type NotificationName,
  type NotificationOf,
  type ParamsOf,
  type ResultOf,
} from "@fetchml/protocol";
import type { ServerWebSocket } from "bun";
import { VALID_KEY } from "./samples.fixture.ts";

/** Sends a notification to the connection that made the call. */
export type Notify = <N extends NotificationName>(name: N, params: NotificationOf<N>) => void;

/** Answers by method. Whatever throws a `FetchmlError` answers with it. */
export type Answers = {
  readonly [M in MethodName]?: (
    params: ParamsOf<M>,
    notify: Notify,
  ) => ResultOf<M> | Promise<ResultOf<M>>;
};

/** A server that is up. */
export interface RpcServer {
  readonly apiUrl: string;
  /** Every call so far, in order. */
  readonly calls: readonly { readonly method: string; readonly params: unknown }[];
  /** Cuts every connection without a word. */
  cut(): void;
  /** Closes every connection as after the end of a key; default `key-revoked`. */
  refuse(why?: KeyEnd): void;
  /** Stops it. Safe twice. */
  close(): Promise<void>;
}

/** How the server behaves. */
export interface RpcServerOptions {
  readonly answers: Answers;
  /** Answers other HTTP requests, such as those for snapshots. */
  readonly http?: (request: Request) => Response | Promise<Response>;
  readonly protocolVersion?: number;
  /** What is wrong with a key that was shown, `null` for nothing. Default: it takes one key, `VALID_KEY`. */
  readonly problemOf?: (apiKey: string) => FetchmlError | null;
}

/** Starts a server on a free port of this machine. */
export function startRpcServer(options: RpcServerOptions): RpcServer {
  const calls: { method: string; params: unknown }[] = [];
  const sockets = new Set<ServerWebSocket>();
  const headers = { [SERVER_HEADER]: "0.1.0" };
  const problemOf = options.problemOf ?? unlessValidKey;
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch(request, self) {
      const problem = problemOf(
        request.headers.get("authorization")?.slice("Bearer ".length) ?? "",
      );
      if (problem !== null) {
        const status = ERROR_CODES[problem.code].http;
        const body = { jsonrpc: "2.0", id: null, error: errorObject(problem) };
        return Response.json(body, { status, headers });
      }
      const { pathname } = new URL(request.url);
      if (pathname === "/rpc" && request.method === "POST")
        return answerAlone(options, request, calls);
      if (pathname === "/ws") {
        return self.upgrade(request, { headers, data: undefined })
          ? undefined
          : new Response(null, { status: 400, headers });
      }
      return options.http?.(request) ?? new Response(null, { status: 404, headers });
    },
    websocket: {
      perMessageDeflate: false,
      open(socket) {
        sockets.add(socket);
        const version = options.protocolVersion ?? PROTOCOL_VERSION;
        send(socket, "hello", { protocol_version: version, server_version: "0.1.0" });
      },
      close(socket) {
        sockets.delete(socket);
      },
      async message(socket, frame) {
        const { id, method, params } = JSON.parse(String(frame));
        calls.push({ method, params });
        const answer = await answerTo(options.answers, { method, params }, (name, news) =>
          send(socket, name, news),
        );
        socket.send(JSON.stringify({ jsonrpc: "2.0", id, ...answer }));
      },
    },
  });
  return {
    apiUrl: `ws://127.0.0.1:${server.port}/ws`,
    calls,
    cut: () => {
      for (const socket of sockets) socket.terminate();
    },
    refuse: (why = "key-revoked") => {
      for (const socket of sockets) socket.close(CLOSE_KEY_ENDED, keyEndReason(why));
    },
    close: () => server.stop(true),
  };
}

/** Answers one call over plain HTTP. */
async function answerAlone(
  options: RpcServerOptions,
  request: Request,
  calls: { method: string; params: unknown }[],
): Promise<Response> {
  const { id, method, params } = JSON.parse(await request.text());
  const headers = { [SERVER_HEADER]: "0.1.0" };
  const version = options.protocolVersion ?? PROTOCOL_VERSION;
  if (request.headers.get(PROTOCOL_HEADER) !== String(version)) {
    const error = errorObject(new FetchmlError("protocol-mismatch", 'Upgrade "ml".'));
    return Response.json({ jsonrpc: "2.0", id: null, error }, { status: 426, headers });
  }
  calls.push({ method, params });
  const answer = await answerTo(options.answers, { method, params }, () => undefined);
  return Response.json({ jsonrpc: "2.0", id, ...answer }, { headers });
}

function unlessValidKey(apiKey: string): FetchmlError | null {
  if (apiKey === VALID_KEY) return null;
  return new FetchmlError("key-invalid", "The API key is not valid.");
}

function send(socket: ServerWebSocket, method: string, params: unknown): void {
  socket.send(JSON.stringify({ jsonrpc: "2.0", method, params }));
}

async function answerTo(
  answers: Answers,
  call: { readonly method: string; readonly params: unknown },
  notify: Notify,
): Promise<{ result: unknown } | { error: unknown }> {
  // The frame comes from `ml`, whose calls are typed; the table's types cannot follow a name read at run time.
  const answer = (
    answers as Record<string, ((params: unknown, notify: Notify) => unknown) | undefined>
  )[call.method];
  try {
    if (answer === undefined) throw new FetchmlError("method-not-found", `No ${call.method} here.`);
    return { result: await answer(call.params, notify) };
  } catch (error) {
    return { error: errorObject(error) };
  }
}

function errorObject(error: unknown): unknown {
  if (!(error instanceof FetchmlError)) throw error;
  const { code, message, details } = error;
  return { code: ERROR_CODES[code].rpc, message, data: { code, details } };
}
