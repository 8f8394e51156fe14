// The compiled server in a folder of its own, and people with keys: what every row measures.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import { openRawSocket } from "./raw-socket.ts";
import { timed } from "./timed.ts";
import { portIn } from "./listening-port.ts";

const root = join(import.meta.dir, "..");
/** The compiled `ml`. */
export const ML = join(root, "dist/ml");
/** The compiled `fetchml`. */
export const FETCHML = join(root, "dist/fetchml");

/** CPUs that jobs may use together, and so jobs that run at once: the same on every machine, and for the peers. */
export const SLOTS = 2;

/** Someone with a key. */
export interface Person {
  readonly apiKey: string;
  /** An empty folder to type in. */
  readonly work: string;
  /** What `ml` needs to find the server and the key. */
  readonly env: Record<string, string>;
}

/** What may differ from an installation as a user gets it. */
export interface BoxOptions {
  /** Default `auto`, as installed. */
  readonly sandbox?: "auto" | "none" | "account" | "bubblewrap";
}

/** Makes a folder for a server, which is not started yet. */
export function createBenchBox(folder: string, options: BoxOptions = {}): BenchBox {
  return new BenchBox(folder, options);
}

/** A running server with an empty queue. */
export async function openBenchBox(folder: string, options: BoxOptions = {}): Promise<BenchBox> {
  const box = createBenchBox(folder, options);
  await box.start();
  return box;
}

/** One server, to be started and stopped as often as one likes. */
export class BenchBox {
  readonly folder: string;
  readonly dataDir: string;
  readonly #common: readonly string[];
  readonly #sandbox: string;
  #server: Bun.Subprocess<"ignore", "pipe", "ignore"> | null = null;
  #port = 0;
  readonly #keys: string[] = [];
  #people = 0;

  constructor(folder: string, { sandbox = "auto" }: BoxOptions) {
    this.folder = folder;
    this.dataDir = join(folder, "data");
    this.#sandbox = sandbox;
    // Jobs of accounts of their own pass through.
    mkdirSync(folder, { recursive: true, mode: 0o711 });
    writeFileSync(join(folder, "config.toml"), `cpus = ${SLOTS}\n`);
    this.#common = ["--data-dir", this.dataDir, "--config", join(folder, "config.toml")];
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#port}/ws`;
  }

  get pid(): number {
    return this.#server?.pid ?? 0;
  }

  /** Resident memory of the server, in MB. */
  get residentMb(): number {
    return residentMb(this.pid);
  }

  /** Starts the server; milliseconds until it said that it listens. */
  async start(): Promise<number> {
    const begunAt = performance.now();
    const listen = ["--listen", `127.0.0.1:${this.#port}`, "--sandbox", this.#sandbox];
    const server = Bun.spawn([FETCHML, "serve", ...this.#common, ...listen], {
      env: this.#env(this.folder),
      stdin: "ignore",
      stdout: "pipe",
      stderr: "ignore",
    });
    this.#server = server;
    this.#port = await portIn(server.stdout);
    return performance.now() - begunAt;
  }

  /** Ends the server and waits. Jobs go on. Safe twice. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    server?.kill("SIGTERM");
    await server?.exited;
  }

  /** Adds a user with a key. Several at once do. */
  async addPerson(): Promise<Person> {
    const name = `user-${(this.#people += 1)}`;
    await this.admin(["user", "add", name]);
    const issued = await this.admin(["key", "issue", name]);
    const apiKey = issued.trim();
    this.#keys.push(apiKey);
    const home = join(this.folder, name);
    const work = join(home, "work");
    mkdirSync(work, { recursive: true });
    const env = { ...this.#env(home), ML_API_KEY: apiKey, ML_API_URL: this.url };
    return { apiKey, work, env };
  }

  /** Runs `fetchml` to its end; answers what it printed. @throws Error when it fails */
  async admin(args: readonly string[]): Promise<string> {
    const env = this.#env(this.folder);
    return (await timed([FETCHML, ...args, ...this.#common], { env })).stdout;
  }

  /** Ends whatever jobs still run, then the server. Safe twice. */
  async close(): Promise<void> {
    if (this.#server === null) return;
    try {
      await this.admin(["drain"]);
      for (const apiKey of this.#keys) await endJobs(this.url, apiKey);
    } finally {
      await this.stop();
    }
  }

  #env(home: string): Record<string, string> {
    return { PATH: process.env["PATH"] ?? "/usr/bin:/bin", HOME: home, TERM: "dumb" };
  }
}

/** Resident memory of a process in MB; 0 when there is none. */
export function residentMb(pid: number): number {
  try {
    const kb = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return Number(kb ?? 0) / 1000;
  } catch {
    return 0;
  }
}

/** Ends what runs of a user's jobs; a million that are queued stay so. */
async function endJobs(url: string, apiKey: string): Promise<void> {
  const socket = await openRawSocket(url, apiKey);
  try {
    const deadline = Date.now() + 20_000;
    for (;;) {
      const status = Status.parse(await socket.call("server.status", {}));
      const own = status.running.filter(({ user }) => user === status.me.user);
      if (own.length === 0) return;
      if (Date.now() > deadline) throw new Error(`jobs of ${status.me.user} do not end`);
      for (const { id } of own) {
        // It may have ended by itself meanwhile.
        await socket.call("job.cancel", { jobs: [String(id)], now: true }).catch(() => undefined);
      }
      await Bun.sleep(20);
    }
  } finally {
    socket.close();
  }
}

const Status = z.object({
  me: z.object({ user: z.string() }),
  running: z.array(z.object({ id: z.number(), user: z.string() })),
});
