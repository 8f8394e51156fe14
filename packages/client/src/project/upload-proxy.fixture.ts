// A TCP proxy for tests that cuts connections after a number of bytes from the client.
import { connect, createServer, type Socket } from "node:net";

/**
 * Forwards to a port of this machine.
 * @param cutAfter the first connection ends after `cutAfter[0]` bytes of the client's, and so on; the others are left alone
 */
export async function startUploadProxy(
  port: number,
  cutAfter: readonly number[],
): Promise<{ readonly port: number; readonly close: () => void }> {
  const sockets = new Set<Socket>();
  let connections = 0;
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
    far.pipe(near);
    near.on("data", (bytes: Buffer) => {
      const part = bytes.subarray(0, left);
      left -= bytes.length;
      if (left > 0) far.write(part);
      else far.end(part, () => near.destroy());
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "localhost", resolve);
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
