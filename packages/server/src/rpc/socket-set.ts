// All WebSocket connections of the server: kept awake, and closed together.
import { atMost } from "./at-most.ts";
import type { RpcSocket } from "./socket.ts";

/** What this file asks of a connection. */
export type OpenSocket = Pick<RpcSocket, "ping" | "finish" | "end">;

/** Holds the open connections. */
export class SocketSet {
  readonly #pingEveryMs: number;
  readonly #sockets = new Set<OpenSocket>();
  #timer: ReturnType<typeof setInterval> | null = null;

  constructor(pingEveryMs: number) {
    this.#pingEveryMs = pingEveryMs;
  }

  /** Adds a connection, which is pinged from now on. */
  add(socket: OpenSocket): void {
    this.#sockets.add(socket);
    this.#timer ??= setInterval(() => this.#pingAll(), this.#pingEveryMs);
    this.#timer.unref();
  }

  /** How many are open. */
  get size(): number {
    return this.#sockets.size;
  }

  delete(socket: OpenSocket): void {
    this.#sockets.delete(socket);
  }

  /** Lets every connection answer what it has at work, for at most this long, then ends it with code 1001. Safe twice. */
  async close(patienceMs: number): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    const finished = Promise.all([...this.#sockets].map((socket) => socket.finish()));
    await atMost(patienceMs, finished);
    for (const socket of this.#sockets) socket.end(1001, "The server is stopping.");
  }

  #pingAll(): void {
    for (const socket of this.#sockets) socket.ping();
  }
}
