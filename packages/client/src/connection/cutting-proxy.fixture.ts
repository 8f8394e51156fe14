// A TCP proxy for tests that cuts each connection after a number of bytes from the server.
import { connect, createServer, type Socket } from "node:net";

/** A running proxy. */
export interface CuttingProxy extends Disposable {
  readonly port: number;
  /** How many connections were cut. */
  cuts(): number;
}

/** Forwards to `port`. The first connection ends after `cutAfter[0]` bytes, and so on; further ones are left alone. */
export async function startCuttingProxy(
  port: number,
  cutAfter: readonly number[],
): Promise<CuttingProxy> {
  const sockets = new Set<Socket>();
  let connections = 0;
  let cuts = 0;
  const server = createServer((near) => {
    let left = cutAfter[connections++] ?? Infinity;
    const far = connect(port, "localhost");
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        near.destroy();
        far.destroy();
      });
    }
    near.on("data", (bytes) => far.write(bytes));
    far.on("data", (bytes: Buffer) => {
      near.write(bytes.subarray(0, left));
      left -= bytes.length;
      if (left > 0) return;
      cuts += 1;
      // What was written before still arrives.
      near.end();
      far.destroy();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "localhost", resolve);
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    cuts: () => cuts,
    [Symbol.dispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
