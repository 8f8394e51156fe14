// Sends bytes as they are to a port, to say what no HTTP client would.
import { connect } from "node:net";

/**
 * Sends bytes and resolves with what came back by the time the other side closed, or the text that was waited for was
 * there. Fails after 20 seconds.
 */
export function exchangeRaw(
  port: number,
  bytes: string | Uint8Array,
  awaited: RegExp = /^(?!)/,
): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    const deadline = setTimeout(() => {
      socket.destroy();
      reject(new Error(`no end of: ${text}`));
    }, 20_000);
    const done = () => {
      clearTimeout(deadline);
      socket.destroy();
      resolve(text);
    };
    socket.on("data", (data) => {
      text += data.toString("latin1");
      if (awaited.test(text)) done();
    });
    socket.on("close", done);
    socket.on("error", done);
  });
}

/** The text of a request that upgrades to a WebSocket. */
export function upgradeRequest(headers: Record<string, string>): string {
  const all = {
    host: "localhost",
    upgrade: "websocket",
    connection: "Upgrade",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET /ws HTTP/1.1\r\n${lines.join("")}\r\n`;
}

/** A client's frame, masked as the standard has it. */
export function clientFrame(opcode: number, payload: Uint8Array): Buffer {
  const mask = Buffer.from([1, 2, 3, 4]);
  const head = [0x80 | opcode];
  if (payload.length < 126) head.push(0x80 | payload.length);
  else if (payload.length < 65_536)
    head.push(0x80 | 126, payload.length >> 8, payload.length & 255);
  else {
    const size = Buffer.alloc(8);
    size.writeBigUInt64BE(BigInt(payload.length));
    head.push(0x80 | 127, ...size);
  }
  const masked = payload.map((byte, at) => byte ^ (mask[at % 4] ?? 0));
  return Buffer.concat([Buffer.from(head), mask, masked]);
}
