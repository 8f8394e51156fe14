// A TCP proxy between ml and a server that counts connections, round trips and the frames of WebSockets.
import type { Socket } from "node:net";
import { startForwarding } from "./forwarding-proxy.ts";

/** What has gone through. */
export interface Traffic {
  readonly connections: number;
  /** How often ml has spoken anew after the server had the last word. */
  readonly roundTrips: number;
  /** WebSocket frames of both sides, those of closing left out. */
  readonly frames: number;
  /** Bytes of both sides. */
  readonly bytes: number;
}

/** A running proxy on 127.0.0.1. */
export interface CountingProxy {
  /** Address for `ML_API_URL`. */
  readonly url: string;
  /** What went through since the last call. */
  take(): Traffic;
  /** Lets no answer through, until the next `take()`, before so many connections have been made: who asks one by one waits for ever. */
  withholdUntil(connections: number): void;
  /** Ends all connections. Safe twice. */
  close(): void;
}

const NOTHING: Traffic = { connections: 0, roundTrips: 0, frames: 0, bytes: 0 };

/** Forwards to that port of this machine. */
export async function startCountingProxy(port: number): Promise<CountingProxy> {
  let traffic = NOTHING;
  let isServerLast = true;
  let needed = 0;
  const withheld: (() => void)[] = [];
  const add = (part: Partial<Traffic>): void => {
    const { connections, roundTrips, frames, bytes } = traffic;
    traffic = {
      connections: connections + (part.connections ?? 0),
      roundTrips: roundTrips + (part.roundTrips ?? 0),
      frames: frames + (part.frames ?? 0),
      bytes: bytes + (part.bytes ?? 0),
    };
  };
  const count = (from: Socket, to: Socket, isServer: boolean): void => {
    const countFrames = frameCounter();
    const pass = (bytes: Buffer): void => {
      const isTurn = !isServer && isServerLast;
      isServerLast = isServer;
      add({ roundTrips: isTurn ? 1 : 0, frames: countFrames(bytes), bytes: bytes.length });
      to.write(bytes);
    };
    from.on("data", (bytes: Buffer) => {
      if (isServer && traffic.connections < needed) withheld.push(() => pass(bytes));
      else pass(bytes);
    });
  };
  const proxy = await startForwarding(() => port, {
    onJoin: (near, far) => {
      add({ connections: 1 });
      if (traffic.connections >= needed) for (const letThrough of withheld.splice(0)) letThrough();
      count(near, far, false);
      count(far, near, true);
    },
  });
  return {
    url: `ws://127.0.0.1:${proxy.port}/ws`,
    take: () => {
      const taken = traffic;
      traffic = NOTHING;
      isServerLast = true;
      needed = 0;
      return taken;
    },
    withholdUntil: (connections) => {
      needed = connections;
    },
    close: () => proxy.close(),
  };
}

const HEAD_END = "\r\n\r\n";
const UPGRADE = /^(?:GET \S*\/ws |HTTP\/1\.1 101 )/;
const CLOSE = 8;

/** Counts the frames that begin in what one side sends, piece by piece; none where it is no WebSocket. */
function frameCounter(): (bytes: Buffer) => number {
  let rest = Buffer.alloc(0);
  let isOpen = false;
  let isOther = false;
  return (bytes) => {
    if (isOther) return 0;
    rest = Buffer.concat([rest, bytes]);
    if (!isOpen) {
      const end = rest.indexOf(HEAD_END);
      if (end === -1) return 0;
      isOther = !UPGRADE.test(rest.toString("latin1", 0, end));
      if (isOther) return 0;
      isOpen = true;
      rest = rest.subarray(end + HEAD_END.length);
    }
    let frames = 0;
    for (let size = frameSize(rest); size !== null; size = frameSize(rest)) {
      if (((rest[0] ?? 0) & 0x0f) !== CLOSE) frames += 1;
      rest = rest.subarray(size);
    }
    return frames;
  };
}

/** Length of the frame at the start, RFC 6455 section 5.2; `null` while it is not whole. */
function frameSize(bytes: Buffer): number | null {
  const second = bytes[1];
  if (second === undefined) return null;
  const isMasked = (second & 0x80) !== 0;
  const short = second & 0x7f;
  const lengthBytes = short === 127 ? 8 : short === 126 ? 2 : 0;
  const head = 2 + lengthBytes + (isMasked ? 4 : 0);
  if (bytes.length < head) return null;
  const length =
    short === 127 ? bytes.readUIntBE(4, 6) : short === 126 ? bytes.readUInt16BE(2) : short;
  return bytes.length < head + length ? null : head + length;
}
