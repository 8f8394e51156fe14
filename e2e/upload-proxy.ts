// A TCP proxy between ml and a server that counts what ml sends, cuts it, and holds it.
import { connect, createServer, type Socket } from "node:net";

/** A running proxy on 127.0.0.1. */
export interface UploadProxy {
  readonly port: number;
  /** Address for `ML_API_URL`. */
  readonly url: string;
  /** Bytes from ml so far, over all connections. */
  sentBytes(): number;
  /** The next connection that has sent so many bytes is cut there; then the next after the second number, and so on. */
  cutAfter(...bytes: readonly number[]): void;
  /** From now on a connection that has sent so many bytes may send no more until {@link release}. */
  holdAfter(bytes: number): void;
  /** How many connections are held. */
  held(): number;
  release(): void;
  /** Ends all connections. Safe twice. */
  close(): void;
}

/** Forwards to a port of this machine, which may be taken by another server later. */
export async function startUploadProxy(port: () => number): Promise<UploadProxy> {
  const sockets = new Set<Socket>();
  const waiting = new Set<Socket>();
  let sent = 0;
  let cuts: readonly number[] = [];
  let limit = Infinity;
  const server = createServer((near) => {
    let passed = 0;
    const far = connect(port(), "127.0.0.1");
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
    far.on("data", (bytes) => near.write(bytes));
    near.on("data", (bytes: Buffer) => {
      passed += bytes.length;
      sent += bytes.length;
      const [cut = Infinity] = cuts;
      if (passed >= cut) {
        cuts = cuts.slice(1);
        near.pause();
        far.end(bytes, () => near.destroy());
        return;
      }
      if (!far.write(bytes)) {
        near.pause();
        far.once("drain", () => {
          if (!waiting.has(near)) near.resume();
        });
      }
      if (passed < limit) return;
      waiting.add(near);
      near.pause();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const own = typeof address === "object" && address !== null ? address.port : 0;
  return {
    port: own,
    url: `ws://127.0.0.1:${own}/ws`,
    sentBytes: () => sent,
    cutAfter: (...bytes) => {
      cuts = bytes;
    },
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
