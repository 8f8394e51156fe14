// Joins every connection to 127.0.0.1 with one of its own to another port; what passes between the two is its starter's to say.
import { connect, createServer, type Socket } from "node:net";

/** A running proxy. */
export interface ForwardingProxy {
  readonly port: number;
  /** Ends all connections. Safe twice. */
  close(): void;
}

/** What becomes of connections. `near` is the one that came, `far` the one made for it. */
export interface Forwarding {
  readonly onJoin: (near: Socket, far: Socket) => void;
  /** One of the two is gone; the other goes too. */
  readonly onGone?: (socket: Socket) => void;
}

/** Starts one. The port it leads to is asked for at each connection. */
export async function startForwarding(
  port: () => number,
  { onJoin, onGone }: Forwarding,
): Promise<ForwardingProxy> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(port(), "127.0.0.1");
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on("error", () => undefined);
      one.on("close", () => {
        sockets.delete(one);
        onGone?.(one);
        other.destroy();
      });
    }
    onJoin(near, far);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
