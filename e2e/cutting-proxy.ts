// A TCP proxy that cuts every connection after a number of bytes from the server.
import type { Socket } from "node:net";
import { startForwarding } from "./forwarding-proxy.ts";

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
  let limit = Infinity;
  const onJoin = (near: Socket, far: Socket): void => {
    let left = limit;
    near.on("data", (bytes) => far.write(bytes));
    far.on("data", (bytes: Buffer) => {
      near.write(bytes.subarray(0, left));
      left -= bytes.length;
      if (left <= 0) near.end(() => far.destroy());
    });
  };
  const proxy = await startForwarding(() => port, { onJoin });
  return {
    ...proxy,
    cutAfter: (bytes) => {
      limit = bytes;
    },
  };
}
