// The floor of a server: answers of a given length, rows in SQLite, spawned processes, nothing around it.
import { Database } from "bun:sqlite";

/** What the floor can be asked; the field that is there says which. */
interface Request {
  /** Answer so many bytes. */
  readonly answer?: number;
  /** Store the text durably, then answer so many bytes. */
  readonly store?: number;
  /** Spawn a command; answer its pid. */
  readonly spawn?: readonly string[];
  /** Spawn a command and forward what it prints. */
  readonly run?: readonly string[];
  /** Run so many commands that do nothing, two at a time. */
  readonly idle?: number;
  /** Kill a process. */
  readonly kill?: number;
}

/** Listens on loopback and prints the port; keeps its rows in that file. */
export function serve(file: string): void {
  const db = new Database(file, { create: true });
  db.run("PRAGMA journal_mode = WAL");
  db.run("PRAGMA synchronous = FULL");
  db.run("CREATE TABLE IF NOT EXISTS jobs (id INTEGER PRIMARY KEY, text TEXT NOT NULL)");
  const insert = db.query("INSERT INTO jobs (text) VALUES ($text)");
  const insertWithStrings = (text: string) => insert.run({ $text: text });
  let waiting: (() => void)[] = [];
  const commit = (): void => {
    db.run("COMMIT");
    const done = waiting;
    waiting = [];
    for (const each of done) each();
  };
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request, self) =>
      self.upgrade(request, { data: undefined }) ? undefined : new Response("floor"),
    websocket: {
      message(ws, frame) {
        const text = String(frame);
        const request = parsed(text);
        if (request.answer !== undefined) ws.send("x".repeat(request.answer));
        if (request.store !== undefined) {
          if (waiting.length === 0) {
            db.run("BEGIN IMMEDIATE");
            setImmediate(commit);
          }
          insertWithStrings(text);
          const bytes = request.store;
          waiting.push(() => ws.send("x".repeat(bytes)));
        }
        if (request.kill !== undefined) process.kill(request.kill, "SIGTERM");
        void actOn(
          request,
          (said) => ws.send(said),
          () => ws.close(),
        );
      },
    },
  });
  process.stdout.write(`${server.port}\n`);
}

async function actOn(
  request: Request,
  say: (text: string) => void,
  end: () => void,
): Promise<void> {
  if (request.spawn !== undefined) {
    const child = Bun.spawn([...request.spawn], { stdin: "ignore", stdout: "ignore" });
    say(String(child.pid));
  }
  if (request.idle !== undefined) {
    let left = request.idle;
    const runSome = async (): Promise<void> => {
      while (left-- > 0) await Bun.spawn(["true"], { stdin: "ignore", stdout: "ignore" }).exited;
    };
    await Promise.all([runSome(), runSome()]);
    say("done");
  }
  if (request.run !== undefined) {
    const child = Bun.spawn([...request.run], { stdin: "ignore", stdout: "pipe" });
    const decoder = new TextDecoder();
    for await (const chunk of child.stdout) say(decoder.decode(chunk, { stream: true }));
    end();
  }
}

function parsed(text: string): Request {
  const value: unknown = JSON.parse(text);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only the bench speaks to the floor
  return value as Request;
}
