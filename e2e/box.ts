// A real box for tests: the compiled server in a temporary folder, a user with a key, and `ml` in a temporary home.
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const root = join(import.meta.dir, "..");

/** The compiled executables. */
export const ML = join(root, "dist/ml");
/** The compiled server. */
export const FETCHML = join(root, "dist/fetchml");

/** How a command ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a command is run. */
export interface RunOptions {
  /** Where it is typed; default the folder `work` of the person. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What it reads on stdin; default nothing. */
  readonly input?: string;
}

/** Cancels all jobs of a person and waits until they are gone; nothing when the key is no longer good. */
export async function endJobs(person: Person): Promise<void> {
  if ((await person.ml(["cancel", "--all", "--yes", "--now"])).code === 3) return;
  await until(
    async () => (await person.ml(["list", "--json"])).stdout.trim() === "[]",
    "jobs go on after cancel",
  );
}

/** A person with a home folder and, unless told otherwise, a key in its config. */
export interface Person {
  readonly name: string;
  readonly home: string;
  readonly apiKey: string;
  /** Runs `ml` to its end. */
  ml(args: readonly string[], options?: RunOptions): Promise<Ended>;
  /** Starts `ml` and leaves it running; the caller waits for it. */
  start(args: readonly string[], options?: RunOptions): Bun.Subprocess<"pipe", "pipe", "pipe">;
}

/** Starts a server in a fresh folder. `close()` ends everything and removes the folder. */
export async function openBox(
  options: {
    readonly config?: string;
    /** Default `none`: the fastest. */
    readonly sandbox?: "auto" | "bubblewrap" | "account" | "none";
  } = {},
): Promise<Box> {
  const folder = mkdtempSync(join(tmpdir(), "fetchml-e2e-"));
  // Where the server is root, the accounts of its jobs pass through.
  chmodSync(folder, 0o711);
  if (options.config !== undefined) writeFileSync(join(folder, "config.toml"), options.config);
  const hasConfig = options.config !== undefined;
  const box = new Box(folder, { hasConfig, sandbox: options.sandbox ?? "none" });
  await box.start();
  return box;
}

/** One server with its folder and people. */
export class Box {
  readonly folder: string;
  readonly dataDir: string;
  readonly #hasConfig: boolean;
  readonly #sandbox: string;
  readonly #program: readonly string[];
  #server: Bun.Subprocess<"ignore", "pipe", "pipe"> | null = null;
  #port = 0;
  #log = "";
  readonly #people: Person[] = [];

  constructor(
    folder: string,
    options: {
      readonly hasConfig: boolean;
      readonly sandbox: string;
      /** What `serve` is given to; it has to become the server, as `env` does. Default the compiled executable. */
      readonly program?: readonly string[];
    },
  ) {
    this.folder = folder;
    this.dataDir = join(folder, "data");
    this.#hasConfig = options.hasConfig;
    this.#sandbox = options.sandbox;
    this.#program = options.program ?? [FETCHML];
  }

  /** `ws://127.0.0.1:PORT/ws`; the same after a restart. */
  get url(): string {
    return `ws://127.0.0.1:${this.#port}/ws`;
  }

  get httpUrl(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get pid(): number {
    return this.#server?.pid ?? 0;
  }

  /** What the servers of this box have printed so far. */
  get log(): string {
    return this.#log;
  }

  /** Starts the server and waits until it listens. */
  async start(): Promise<void> {
    const server = Bun.spawn(
      [
        ...this.#program,
        "serve",
        ...this.#common(),
        "--sandbox",
        this.#sandbox,
        "--listen",
        `127.0.0.1:${this.#port}`,
      ],
      {
        env: this.#env(),
        stdin: "ignore",
        stdout: "pipe",
        stderr: "pipe",
      },
    );
    this.#server = server;
    this.#port = await new Promise<number>((resolve, reject) => {
      // A server before this one has told its port, too.
      const from = this.#log.length;
      const told = () => {
        const port = /"url":"ws:\/\/127\.0\.0\.1:(\d+)\/ws"/.exec(this.#log.slice(from))?.[1];
        if (port !== undefined) resolve(Number(port));
      };
      void this.#collect(server.stdout, told);
      void this.#collect(server.stderr, told);
      void server.exited.then((code) =>
        reject(new Error(`the server ended with ${code}:\n${this.#log}`)),
      );
    });
  }

  /** Ends the server with a signal and waits; answers its exit code. */
  async stop(signal: "SIGTERM" | "SIGKILL" | "SIGINT" = "SIGTERM"): Promise<number | null> {
    const server = this.#server;
    if (server === null) return null;
    this.#server = null;
    server.kill(signal);
    await server.exited;
    return server.exitCode;
  }

  /** Runs `fetchml` to its end on this box's data folder. */
  admin(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
    return runToEnd([FETCHML, ...args, ...this.#common()], {
      ...options,
      env: { ...this.#env(), ...options.env },
    });
  }

  /** Adds a user with a key and a config written as the founding document has it. */
  async addPerson(name: string, role = "member"): Promise<Person> {
    const added = await this.admin(["user", "add", name, "--role", role]);
    if (added.code !== 0) throw new Error(added.stderr);
    const issued = await this.admin(["key", "issue", name]);
    if (issued.code !== 0) throw new Error(issued.stderr);
    const person = personAt(join(this.folder, "home", name), {
      name,
      apiKey: issued.stdout.trim(),
    });
    writeConfig(person.home, { apiKey: person.apiKey, port: this.#port });
    this.#people.push(person);
    return person;
  }

  /** Ends all jobs and the server, and removes the folder. Safe twice. */
  async close(): Promise<void> {
    if (this.#server !== null) {
      for (const person of this.#people.splice(0)) {
        await endJobs(person);
      }
      await this.stop();
    }
    // A test run searches each folder for keys before it goes: this one for what the server has said, too.
    if (existsSync(this.folder)) writeFileSync(join(this.folder, "server.log"), this.#log);
    rmSync(this.folder, { recursive: true, force: true });
  }

  #common(): readonly string[] {
    const config = this.#hasConfig ? ["--config", join(this.folder, "config.toml")] : [];
    return ["--data-dir", this.dataDir, ...config];
  }

  #env(): Record<string, string> {
    return baseEnv(this.folder);
  }

  async #collect(stream: ReadableStream<Uint8Array>, onMore: () => void): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      this.#log += decoder.decode(chunk, { stream: true });
      onMore();
    }
  }
}

/** A person with a home of its own, who types in its folder `work`; no config is written. */
export function personAt(
  home: string,
  who: { readonly name: string; readonly apiKey: string },
): Person {
  const work = join(home, "work");
  mkdirSync(work, { recursive: true, mode: 0o700 });
  const settle = (options: RunOptions = {}) => ({
    cwd: options.cwd ?? work,
    env: { ...baseEnv(home), ...options.env },
    input: options.input ?? "",
  });
  return {
    ...who,
    home,
    ml: (args, options) => runToEnd([ML, ...args], settle(options)),
    start: (args, options) => {
      const { cwd, env } = settle(options);
      return Bun.spawn([ML, ...args], { cwd, env, stdin: "pipe", stdout: "pipe", stderr: "pipe" });
    },
  };
}

/** Writes `~/.ml/config.toml` with the four keys of the founding document. */
export function writeConfig(
  home: string,
  { apiKey, port }: { readonly apiKey: string; readonly port: number },
): void {
  mkdirSync(join(home, ".ml"), { recursive: true, mode: 0o700 });
  writeFileSync(
    join(home, ".ml/config.toml"),
    `api_key = "${apiKey}"\nworker_host = "localhost"\nworker_port = ${port}\napi_url = "ws://localhost:${port}/ws"\n`,
    { mode: 0o600 },
  );
}

/** Writes a project of these files and answers its folder. */
export function writeProject(folder: string, files: Readonly<Record<string, string>>): string {
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return folder;
}

/** Waits until the condition holds; looks every 20 ms, for at most 20 s unless told otherwise. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  complaint: string,
  patienceMs = 20_000,
): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(complaint);
    await Bun.sleep(20);
  }
}

/** Runs a command to its end. */
export async function runToEnd(
  command: readonly string[],
  options: RunOptions = {},
): Promise<Ended> {
  const child = Bun.spawn([...command], {
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    env: { ...options.env },
    stdin: new TextEncoder().encode(options.input ?? ""),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, stdout, stderr };
}

function baseEnv(home: string): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "/usr/bin:/bin",
    HOME: home,
    TERM: "dumb",
    ...(process.env["FETCHML_TEST_RUN"] !== undefined && {
      FETCHML_TEST_RUN: process.env["FETCHML_TEST_RUN"],
    }),
  };
}
