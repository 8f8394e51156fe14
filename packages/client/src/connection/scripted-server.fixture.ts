// A server of a few lines for tests: real sockets, the protocol's frames, and answers that the test writes down.
import {
  ERROR_CODES,
  FetchmlError,
  PROTOCOL_HEADER,
  PROTOCOL_VERSION,
  SERVER_HEADER,
  type ErrorCode,
} from "@fetchml/protocol";
import type { ServerWebSocket } from "bun";
import type { Endpoint } from "../client.ts";

/** The only key that the server takes. Its checksum is wrong: only the server's copy of it is compared. */
export const RIGHT_KEY = `fetchml_${"0".repeat(36)}`;

/** The server's side of one connection. */
export interface Peer {
  notify(name: string, params: unknown): void;
  close(code: number, reason?: string): void;
  /** Ends it without a close frame. */
  cut(): void;
  send(text: string): void;
  isOpen(): boolean;
}

/** Answers one call. What it throws as FetchmlError becomes the error; `NO_ANSWER` leaves the call open. */
export type Answer = (params: never, peer: Peer) => unknown;

/** What an {@link Answer} returns so that none is sent. */
export const NO_ANSWER = Symbol("no answer");

export interface Script {
  readonly answers?: Readonly<Record<string, Answer>>;
  /** The first frame; `null` for none. Default: a right hello. */
  readonly hello?: string | null;
  /** Answers HTTP and upgrade requests before the server does. */
  readonly before?: (request: Request) => Response | undefined;
}

export interface ScriptedServer extends Disposable {
  readonly endpoint: Endpoint;
  readonly port: number;
  /** The live connections, oldest first. */
  readonly peers: readonly Peer[];
  /** Every call in the order it came. */
  readonly calls: readonly { readonly method: string; readonly params: unknown }[];
  /** Every request, upgrades included. */
  readonly requests: readonly { readonly url: URL; readonly headers: Headers }[];
  /** How many pings came from clients. */
  pings(): number;
}

/** Starts a server on a free port of this machine. */
export function startScriptedServer(script: Script = {}): ScriptedServer {
  const peers: Peer[] = [];
  const calls: { method: string; params: unknown }[] = [];
  const requests: { url: URL; headers: Headers }[] = [];
  let pings = 0;
  const server = Bun.serve<{ peer?: Peer }>({
    port: 0,
    hostname: "localhost",
    fetch(request, self) {
      requests.push({ url: new URL(request.url), headers: new Headers(request.headers) });
      const early = script.before?.(request) ?? refusal(request);
      if (early !== undefined) return early;
      if (new URL(request.url).pathname === "/ws" && self.upgrade(request, { data: {} })) {
        return undefined;
      }
      return Response.json({ jsonrpc: "2.0", id: 1, result: {} }, { headers: HEADERS });
    },
    websocket: {
      backpressureLimit: 1024 * 1024 * 1024,
      open(socket) {
        socket.data.peer = peerOf(socket);
        peers.push(socket.data.peer);
        const hello = script.hello === undefined ? HELLO : script.hello;
        if (hello !== null) socket.send(hello);
      },
      async message(socket, text) {
        const { id, method, params } = JSON.parse(String(text));
        calls.push({ method, params });
        const { peer } = socket.data;
        if (peer !== undefined) await answer(script, { id, method, params }, peer);
      },
      ping() {
        pings += 1;
      },
      close(socket) {
        const index = peers.findIndex((peer) => peer === socket.data.peer);
        if (index !== -1) peers.splice(index, 1);
      },
    },
  });
  const port = server.port ?? 0;
  return {
    port,
    peers,
    calls,
    requests,
    pings: () => pings,
    endpoint: {
      apiUrl: `ws://localhost:${port}/ws`,
      apiKey: RIGHT_KEY,
      clientName: "test/1",
    },
    [Symbol.dispose]() {
      void server.stop(true);
    },
  };
}

/** A hello of any version. */
export function helloFrame(protocolVersion: number): string {
  return JSON.stringify({
    jsonrpc: "2.0",
    method: "hello",
    params: { protocol_version: protocolVersion, server_version: "9.9.9" },
  });
}

/** An HTTP answer of a FetchML server that refuses. */
export function errorResponse(code: ErrorCode, message: string): Response {
  const { rpc, http } = ERROR_CODES[code];
  return Response.json(
    { jsonrpc: "2.0", id: null, error: { code: rpc, message, data: { code } } },
    { status: http, headers: HEADERS },
  );
}

const HELLO = helloFrame(PROTOCOL_VERSION);
const HEADERS = { [SERVER_HEADER]: "9.9.9" };

function refusal(request: Request): Response | undefined {
  if (request.headers.get("authorization") !== `Bearer ${RIGHT_KEY}`) {
    return errorResponse("key-invalid", "The key is wrong.");
  }
  const version = request.headers.get(PROTOCOL_HEADER);
  if (version !== String(PROTOCOL_VERSION)) {
    return errorResponse("protocol-mismatch", `Protocol ${version}?`);
  }
  return undefined;
}

async function answer(
  script: Script,
  call: { id: number; method: string; params: unknown },
  peer: Peer,
): Promise<void> {
  const frame = { jsonrpc: "2.0", id: call.id };
  try {
    const found = script.answers?.[call.method];
    if (found === undefined) throw new FetchmlError("method-not-found", call.method);
    const result = await found(call.params as never, peer);
    if (result !== NO_ANSWER) peer.send(JSON.stringify({ ...frame, result }));
  } catch (error) {
    if (!(error instanceof FetchmlError)) throw error;
    const { code, message } = error;
    const { rpc } = ERROR_CODES[code];
    peer.send(JSON.stringify({ ...frame, error: { code: rpc, message, data: { code } } }));
  }
}

function peerOf(socket: ServerWebSocket<{ peer?: Peer }>): Peer {
  return {
    notify: (method, params) => {
      socket.send(JSON.stringify({ jsonrpc: "2.0", method, params }));
    },
    close: (code, reason) => socket.close(code, reason),
    cut: () => socket.terminate(),
    send: (text) => {
      socket.send(text);
    },
    isOpen: () => socket.readyState === WebSocket.OPEN,
  };
}
