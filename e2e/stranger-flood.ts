// Floods a server with connections of nobody known: `bun stranger-flood.ts PORT KEY`. Ends when its stdin does, and prints what came back.
import { connect, type Socket } from "node:net";

/** What the flood has seen. */
export interface FloodReport {
  /** Upgrades that were answered, by HTTP status. */
  readonly answers: Readonly<Record<string, number>>;
  /** Connections on which nothing ever comes to an end, and those of them that the server has closed. */
  readonly half_open: number;
  readonly closed: number;
}

/** Connections that wait for ever, each kind in another stage: after a refusal, before or within a request. The last drips. */
const HALF_OPEN = [
  "GET /ws HTTP/1.1\r\nHost: localhost\r\n\r\n",
  "",
  "G",
  "GET /ws HTTP/1.1\r\n",
  "GET /ws HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
];
const OF_EACH = 250;

/** Connections that ask to be upgraded again and again. */
const ASKERS = 50;
const UPGRADES_A_SECOND = 1_000;
const TURN_MS = 50;

async function main(port: number, wrongKey: string): Promise<void> {
  let closed = 0;
  const answers: Record<string, number> = {};
  const sockets: Socket[] = [];
  const open = (first: string, onData: (text: string) => void = () => undefined) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(first));
    socket.on("error", () => undefined);
    socket.on("data", (data) => onData(data.toString("latin1")));
    sockets.push(socket);
    return socket;
  };
  const half = HALF_OPEN.flatMap((first) =>
    Array.from({ length: OF_EACH }, () => open(first).on("close", () => (closed += 1))),
  );
  const askers = Array.from({ length: ASKERS }, () =>
    open("", (text) => {
      for (const [, status = ""] of text.matchAll(/HTTP\/1\.1 (\d{3}) /g)) {
        answers[status] = (answers[status] ?? 0) + 1;
      }
    }),
  );
  let turn = 0;
  const timer = setInterval(() => {
    turn += 1;
    // The last kind goes on sending, a byte at a time.
    for (const socket of half.slice(-OF_EACH)) if (turn % 20 === 0) socket.write("x");
    const each = UPGRADES_A_SECOND / (1000 / TURN_MS) / ASKERS;
    for (const asker of askers) {
      for (let i = 0; i < each; i++) asker.write(upgrade(turn % 2 === 0 ? wrongKey : ""));
    }
  }, TURN_MS);
  for await (const _ of Bun.stdin.stream()) {
    const report: FloodReport = { answers, half_open: half.length, closed };
    process.stdout.write(`${JSON.stringify(report)}\n`);
  }
  clearInterval(timer);
  for (const socket of sockets) socket.destroy();
}

function upgrade(key: string): string {
  const authorization = key === "" ? "" : `Authorization: Bearer ${key}\r\n`;
  return `GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${authorization}\r\n`;
}

if (import.meta.main) await main(Number(process.argv[2]), process.argv[3] ?? "");
