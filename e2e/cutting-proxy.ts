// A TCP proxy that cuts every connection after a number of bytes from the server.
import { connect, createServer, type Socket } from "node:net";

/** A running proxy on 127.0.0.1. */
export interface CuttingProxy {
  readonly port: number;
  /** From now on each new connection ends after so many bytes of the server's; `Infinity` cuts none. */
  cutAfter(bytes: number): void;
  /** Ends all connections. Safe twice. */
  close(): void;
}

/** Forwards to that port of this machine. */
export async function startCuttingProxy(port: number): Promise<CuttingProxy> {
  const sockets = new Set<Socket>();
  let limit = Infinity;
  const server = createServer((near) => {
    let left = limit;
    const far = connect(port, "127.0.0.1");
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on("error", () => undefined);
      one.on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
    }
    near.on("data", (bytes) => far.write(bytes));
    far.on("data", (bytes: Buffer) => {
      near.write(bytes.subarray(0, left));
      left -= bytes.length;
      if (left <= 0) near.end(() => far.destroy());
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    cutAfter: (bytes) => {
      limit = bytes;
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
