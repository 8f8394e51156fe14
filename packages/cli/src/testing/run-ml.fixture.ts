// Runs `ml` as a process of its own, away from the config and variables of whoever runs the tests.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { VALID_KEY } from "./samples.fixture.ts";

/** What a finished `ml` left. */
export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How to run it. */
export interface RunOptions {
  /** The server; without one there is neither address nor key. */
  readonly apiUrl?: string;
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Default: the bench's project folder. */
  readonly cwd?: string;
}

/** What the terminal is like. */
export interface TerminalOptions extends RunOptions {
  /** Default 80. */
  readonly columns?: number;
  /** Whether a Ctrl-C that is typed becomes a signal, as in a shell. It needs the program `setsid`. Default false. */
  readonly sendsSignals?: boolean;
}

/** An `ml` on a terminal of its own. */
export interface TerminalMl {
  /** What the screen was sent so far. */
  readonly screen: string;
  /** Whether the terminal shows what is typed. */
  readonly echoes: boolean;
  readonly exited: Promise<number>;
  kill(signal: NodeJS.Signals): void;
  /** Types. */
  type(text: string): void;
  /** Resolves when the screen was sent this text. @throws Error after 10 s */
  shows(text: string): Promise<void>;
}

/** A home and a project folder, gone after the test. */
export interface Bench {
  readonly home: string;
  readonly project: string;
  /** Runs `ml` to its end. */
  ml(args: readonly string[], options?: RunOptions): Promise<Finished>;
  /** Starts `ml`. Whoever calls it waits for its end. */
  start(args: readonly string[], options?: RunOptions): Bun.Subprocess<"pipe", "pipe", "pipe">;
  /** Starts `ml` on a terminal. */
  onTerminal(args: readonly string[], options?: TerminalOptions): TerminalMl;
  /** Ends every `ml` that still runs and removes the folders. Safe twice. */
  close(): void;
}

const MAIN = join(import.meta.dir, "..", "main.ts");

/** Makes the two folders. */
export function openBench(): Bench {
  const folder = mkdtempSync(join(tmpdir(), "fetchml-cli-"));
  const home = join(folder, "home");
  const project = join(folder, "project");
  for (const one of [home, project]) mkdirSync(one);
  const surroundings = (options: RunOptions) => ({
    cwd: options.cwd ?? project,
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: home,
      ...(options.apiUrl === undefined
        ? {}
        : { ML_API_URL: options.apiUrl, ML_API_KEY: VALID_KEY }),
      ...options.env,
    },
  });
  const children: { kill(signal: NodeJS.Signals): void }[] = [];
  const start: Bench["start"] = (args, options = {}) => {
    const child = Bun.spawn([process.execPath, MAIN, ...args], {
      ...surroundings(options),
      stdin: "pipe",
      stdout: "pipe",
      stderr: "pipe",
    });
    children.push(child);
    return child;
  };
  return {
    home,
    project,
    start,
    async ml(args, options = {}) {
      const child = start(args, options);
      if (options.stdin !== undefined) void child.stdin.write(options.stdin);
      void child.stdin.end();
      const [stdout, stderr, code] = await Promise.all([
        child.stdout.text(),
        child.stderr.text(),
        child.exited,
      ]);
      return { code, stdout, stderr };
    },
    onTerminal: (args, options = {}) => {
      const ml = startOnTerminal(args, surroundings(options), options);
      children.push(ml);
      return ml;
    },
    close: () => {
      // Those of a failed test may be waiting still.
      for (const child of children) child.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const ECHO_FLAG = 0o10;
const DEADLINE_MS = 10_000;

function startOnTerminal(
  args: readonly string[],
  surroundings: { readonly cwd: string; readonly env: Record<string, string> },
  { columns = 80, sendsSignals = false }: TerminalOptions,
): TerminalMl {
  let screen = "";
  let wake = Promise.withResolvers<void>();
  const terminal = new Bun.Terminal({
    cols: columns,
    rows: 24,
    data: (_terminal, data) => {
      screen += Buffer.from(data).toString("utf8");
      wake.resolve();
      wake = Promise.withResolvers();
    },
  });
  const session = sendsSignals ? ["setsid", "--ctty"] : [];
  const child = Bun.spawn([...session, process.execPath, MAIN, ...args], {
    ...surroundings,
    env: { TERM: "xterm", ...surroundings.env },
    terminal,
  });
  return {
    get screen() {
      return screen;
    },
    get echoes() {
      return (terminal.localFlags & ECHO_FLAG) !== 0;
    },
    exited: child.exited,
    kill: (signal) => child.kill(signal),
    type: (text) => terminal.write(text),
    async shows(text) {
      const late = Promise.withResolvers<never>();
      const timer = setTimeout(() => {
        late.reject(new Error(`The screen never showed ${JSON.stringify(text)}: ${screen}`));
      }, DEADLINE_MS);
      try {
        while (!screen.includes(text)) await Promise.race([wake.promise, late.promise]);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
