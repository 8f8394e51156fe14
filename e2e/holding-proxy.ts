// A TCP proxy that stops in the middle of what the server sends, until it is told to go on.
import type { Socket } from "node:net";
import { startForwarding } from "./forwarding-proxy.ts";
import { HeldSockets } from "./held-sockets.ts";

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
  const held = new HeldSockets();
  const onJoin = (near: Socket, far: Socket): void => {
    let passed = 0;
    near.on("data", (bytes) => far.write(bytes));
    far.on("data", (bytes: Buffer) => {
      passed += bytes.length;
      held.pass(far, near, { bytes, passed });
    });
  };
  const onGone = (socket: Socket) => held.forget(socket);
  const proxy = await startForwarding(() => port, { onJoin, onGone });
  return {
    ...proxy,
    holdAfter: (bytes) => held.holdAfter(bytes),
    held: () => held.size,
    release: () => held.release(),
  };
}
