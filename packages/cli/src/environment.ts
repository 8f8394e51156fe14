// The only reader of the process: arguments, variables, folders, terminals, clock and signals.
import { fstatSync, statSync } from "node:fs";
import { openInput, type Input } from "./input.ts";
import { writeWhole, type Output } from "./output.ts";

/** All that a command may know of the process it runs in. */
export interface Environment {
  /** What follows `ml` on the command line. */
  readonly args: readonly string[];
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly workingFolder: string;
  readonly home: string;
  /** As Node names it: `linux`, `darwin`, `win32`. */
  readonly platform: string;
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** A random word that names one submission. */
  readonly newSubmission: () => string;
  /** Calls back on Ctrl-C instead of ending the process; returns what undoes that. */
  readonly onInterrupt: (listener: () => void) => () => void;
}

/** The environment of this process. Terminals are asked about only when somebody wants to know. */
export function readEnvironment(): Environment {
  return {
    args: process.argv.slice(2),
    variables: process.env,
    workingFolder: process.cwd(),
    // The same that node:os would say, which costs 0.2 ms to load.
    home: process.env["HOME"] || process.getBuiltinModule("node:os").homedir(),
    platform: process.platform,
    stdin: openInput(() => isTerminal(0)),
    stdout: openOutput(1),
    stderr: openOutput(2),
    now: Date.now,
    newSubmission: () => crypto.randomUUID(),
    onInterrupt: (listener) => {
      process.on("SIGINT", listener);
      return () => process.off("SIGINT", listener);
    },
  };
}

function openOutput(descriptor: 1 | 2): Output {
  let terminal: boolean | undefined;
  return {
    get isTerminal() {
      return (terminal ??= isTerminal(descriptor));
    },
    get columns() {
      if (!this.isTerminal) return 80;
      return (descriptor === 1 ? process.stdout : process.stderr).columns || 80;
    },
    write: (data) => writeWhole(descriptor, data),
  };
}

function isTerminal(descriptor: number): boolean {
  try {
    const device = fstatSync(descriptor);
    if (!device.isCharacterDevice()) return false;
    if (device.rdev === statSync("/dev/null", { throwIfNoEntry: false })?.rdev) return false;
  } catch {
    // Closed by whoever started us.
    return false;
  }
  // Loaded only here: it costs 2 ms, which no pipe and no file has to pay.
  return process.getBuiltinModule("node:tty").isatty(descriptor);
}
