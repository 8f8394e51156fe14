// A TCP proxy that stops in the middle of what the server sends, until it is told to go on.
import { connect, createServer, type Socket } from "node:net";

/** A running proxy on 127.0.0.1. */
export interface HoldingProxy {
  readonly port: number;
  /** From now on each connection, old or new, lets so many bytes of the server's through and then none. */
  holdAfter(bytes: number): void;
  /** How many connections are held. */
  held(): number;
  /** Lets everything through again. */
  release(): void;
  /** Ends all connections. Safe twice. */
  close(): void;
}

/** Forwards to that port of this machine. */
export async function startHoldingProxy(port: number): Promise<HoldingProxy> {
  const sockets = new Set<Socket>();
  const waiting = new Set<Socket>();
  let limit = Infinity;
  const server = createServer((near) => {
    let passed = 0;
    const far = connect(port, "127.0.0.1");
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on("error", () => undefined);
      one.on("close", () => {
        sockets.delete(one);
        waiting.delete(one);
        other.destroy();
      });
    }
    near.on("data", (bytes) => far.write(bytes));
    far.on("data", (bytes: Buffer) => {
      passed += bytes.length;
      if (!near.write(bytes)) {
        far.pause();
        near.once("drain", () => {
          if (!waiting.has(far)) far.resume();
        });
      }
      if (passed < limit) return;
      waiting.add(far);
      far.pause();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    holdAfter: (bytes) => {
      limit = bytes;
    },
    held: () => waiting.size,
    release: () => {
      limit = Infinity;
      for (const socket of waiting) socket.resume();
      waiting.clear();
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
