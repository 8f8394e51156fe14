// The server's doors: one on the network, one on the box, from start to stop.
import { chmodSync, rmSync } from "node:fs";
import { FetchmlError, MAX_REQUEST_BYTES } from "@fetchml/protocol";
import { atMost } from "./at-most.ts";
import { TrustedProxies } from "./client-address.ts";
import { makeCodeTurns } from "./code-turns.ts";
import type { RpcContext } from "./context.ts";
import type { BunServer, Door } from "./door.ts";
import { listenError } from "./listen-error.ts";
import { answerHttp } from "./routes.ts";
import { SentHashes } from "./sent-hashes.ts";
import type { RpcSocket } from "./socket.ts";
import { SocketSet } from "./socket-set.ts";
import { Transfers } from "./transfer.ts";
import { UserTurns } from "./user-turns.ts";

/** Whom the network door lets in, and what it believes of them. It can be changed while the server runs. */
export interface DoorRules {
  /** Names under which the network door answers beside the loopback ones and its own; lower case, no port. */
  readonly allowedHosts: readonly string[];
  /** Addresses and networks of proxies whose `X-Forwarded-For` is believed. Default none. */
  readonly trustedProxies?: readonly string[];
}

/** What a server of all carriers is made from. */
export interface RpcServerOptions extends DoorRules {
  readonly ctx: RpcContext;
  /** Where to listen on the network; port 0 takes a free one. */
  readonly listen: { readonly hostname: string; readonly port: number };
  /** Path of the box's own socket. A file there is removed: only the holder of the data folder's lock may start a server. */
  readonly socketPath: string;
  /** Name of the account that the box's own socket stands for. */
  readonly localUser: string;
  /** Default: as many turns as {@link UserTurns} has by itself. */
  readonly uploadTurns?: UserTurns;
  /** Default: as many turns as {@link makeCodeTurns} has by itself. */
  readonly codeTurns?: UserTurns;
}

/** Both doors, from start to stop. */
export interface RpcServer {
  /** Opens both doors; resolves when they are open. @throws FetchmlError port-taken, box-unfit */
  start(): Promise<void>;
  /** Takes other rules for whoever comes from now on; connections that are open stay. */
  setRules(rules: DoorRules): void;
  /** The port of the network door. Only after {@link start}. */
  readonly port: number;
  /**
   * Takes nothing new, answers what is at work, closes sockets with 1001. Takes 2 s at most; complete on return, safe twice.
   */
  stop(): Promise<void>;
}

/** Makes the server of all carriers; nothing is opened yet. */
export function createRpcServer(options: RpcServerOptions): RpcServer {
  return new Doors(options);
}

/** How long what is at work may take to finish at the stop. */
const PATIENCE_MS = 1_000;

/** How long the last answers may take to leave after that. */
const LAST_ANSWERS_MS = 500;

/**
 * Seconds after which a connection is closed on which nothing happens, until somebody has shown a key on it. One that has not
 * sent a whole request by then is closed too: Bun 1.4.5 does that by itself within 12 s, however many bytes still trickle in.
 */
const STRANGER_IDLE_S = 10;

/** nginx cuts what is silent for 60 s. */
const PING_EVERY_MS = 25_000;

const WILDCARDS: ReadonlySet<string> = new Set(["0.0.0.0", "::", "*"]);

/** The longest path that fits into a socket's address on Linux. */
const LONGEST_SOCKET_PATH = 107;

class Doors implements RpcServer {
  readonly #options: RpcServerOptions;
  readonly #sockets = new SocketSet(PING_EVERY_MS);
  readonly #transfers: Transfers;
  readonly #uploadTurns: UserTurns;
  readonly #codeTurns: UserTurns;
  readonly #sentHashes = new SentHashes();
  readonly #networkDoor: {
    kind: "network";
    allowedHosts: readonly string[];
    proxies: TrustedProxies;
  };
  #network: BunServer | null = null;
  #box: BunServer | null = null;
  #isClosing = false;
  #stopped: Promise<void> | null = null;

  constructor(options: RpcServerOptions) {
    this.#options = options;
    this.#transfers = new Transfers(options.ctx.auth.connections);
    this.#uploadTurns = options.uploadTurns ?? new UserTurns();
    this.#codeTurns = options.codeTurns ?? makeCodeTurns();
    this.#networkDoor = { kind: "network", ...admission(options) };
  }

  setRules(rules: DoorRules): void {
    Object.assign(this.#networkDoor, admission({ ...rules, listen: this.#options.listen }));
  }

  get port(): number {
    if (this.#network?.port === undefined) throw new Error("the server has not started");
    return this.#network.port;
  }

  async start(): Promise<void> {
    const { listen, socketPath, localUser } = this.#options;
    refuseLongPath(socketPath);
    this.#network = this.#open(listen, this.#networkDoor);
    try {
      rmSync(socketPath, { force: true });
      this.#box = this.#open({ unix: socketPath }, { kind: "box", user: localUser });
      chmodSync(socketPath, 0o600);
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#isClosing = true;
    const servers = [this.#network, this.#box].filter((server) => server !== null);
    const allQuiet = Promise.all(servers.map((server) => server.stop(false)));
    await Promise.all([this.#transfers.close(PATIENCE_MS), this.#sockets.close(PATIENCE_MS)]);
    await atMost(LAST_ANSWERS_MS, allQuiet);
    await Promise.all(servers.map((server) => server.stop(true)));
    if (this.#box !== null) rmSync(this.#options.socketPath, { force: true });
  }

  #open(
    where: { readonly hostname: string; readonly port: number } | { readonly unix: string },
    from: Door["from"],
  ): BunServer {
    const { ctx } = this.#options;
    const door: Door = {
      ctx,
      sockets: this.#sockets,
      transfers: this.#transfers,
      uploadTurns: this.#uploadTurns,
      codeTurns: this.#codeTurns,
      sentHashes: this.#sentHashes,
      from,
      isClosing: () => this.#isClosing,
    };
    const serve = {
      development: false,
      // Bodies are bounded where they are read, each by its own limit.
      maxRequestBodySize: Number.MAX_SAFE_INTEGER,
      fetch: (request: Request, server: BunServer) => answerHttp(door, request, server),
      websocket: this.#websocket(),
    };
    try {
      if ("unix" in where) return Bun.serve<RpcSocket>({ unix: where.unix, ...serve });
      // Outside development Bun 1.4.5 shares ports unless told not to: two servers would each get half of the callers.
      return Bun.serve<RpcSocket>({
        ...where,
        reusePort: false,
        idleTimeout: STRANGER_IDLE_S,
        ...serve,
      });
    } catch (error) {
      throw listenError(where, error);
    }
  }

  #websocket(): Bun.WebSocketHandler<RpcSocket> {
    return {
      maxPayloadLength: MAX_REQUEST_BYTES,
      perMessageDeflate: false,
      // Connections ping, and drop dead clients and slow readers themselves, at times and with reasons of our own.
      sendPings: false,
      idleTimeout: 0,
      backpressureLimit: 256 * 1_048_576,
      closeOnBackpressureLimit: false,
      open: (ws) => {
        this.#sockets.add(ws.data);
        ws.data.opened(ws);
      },
      message: (ws, frame) => ws.data.received(frame),
      drain: (ws) => ws.data.drained(),
      pong: (ws) => ws.data.ponged(),
      close: (ws) => {
        this.#sockets.delete(ws.data);
        ws.data.closed();
      },
    };
  }
}

function admission({
  allowedHosts,
  trustedProxies = [],
  listen,
}: DoorRules & Pick<RpcServerOptions, "listen">): {
  readonly allowedHosts: readonly string[];
  readonly proxies: TrustedProxies;
} {
  // "All addresses" is not a name: pages can reach a local server under 0.0.0.0 too.
  const own = WILDCARDS.has(listen.hostname) ? [] : [listen.hostname];
  return {
    allowedHosts: [...allowedHosts, ...own].map((name) => name.toLowerCase()),
    proxies: new TrustedProxies(trustedProxies),
  };
}

function refuseLongPath(path: string): void {
  if (Buffer.byteLength(path) <= LONGEST_SOCKET_PATH) return;
  throw new FetchmlError(
    "box-unfit",
    `The socket ${path} cannot be made: its path is over ${LONGEST_SOCKET_PATH} bytes.\nChoose a data folder with a shorter path.`,
  );
}
