// A TCP proxy between ml and a server that counts what ml sends, cuts it, and holds it.
import type { Socket } from "node:net";
import { startForwarding } from "./forwarding-proxy.ts";
import { HeldSockets } from "./held-sockets.ts";

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
  const held = new HeldSockets();
  let sent = 0;
  let cuts: readonly number[] = [];
  const onJoin = (near: Socket, far: Socket): void => {
    let passed = 0;
    far.on("data", (bytes) => near.write(bytes));
    near.on("data", (bytes: Buffer) => {
      passed += bytes.length;
      sent += bytes.length;
      const [cut = Infinity] = cuts;
      if (passed < cut) {
        held.pass(near, far, { bytes, passed });
        return;
      }
      cuts = cuts.slice(1);
      near.pause();
      far.end(bytes, () => near.destroy());
    });
  };
  const onGone = (socket: Socket) => held.forget(socket);
  const proxy = await startForwarding(port, { onJoin, onGone });
  return {
    ...proxy,
    url: `ws://127.0.0.1:${proxy.port}/ws`,
    sentBytes: () => sent,
    cutAfter: (...bytes) => {
      cuts = bytes;
    },
    holdAfter: (bytes) => held.holdAfter(bytes),
    held: () => held.size,
    release: () => held.release(),
  };
}
