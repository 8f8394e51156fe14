// Running a command beside a running attempt, as the calls see it; the executor does it.
import type { AttemptSpec } from "./attempt-spec.ts";

/** Signals that a command can be sent. */
export type CommandSignal = "INT" | "TERM" | "KILL";

/** What a command has said since it was last asked, and whether that was all. */
export interface CommandOutput {
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** Its exit code, 128+N after signal N, once all its output was read; `null` before. */
  readonly exitCode: number | null;
}

/** A command that runs in the sandbox and the folder of an attempt. */
export interface AttemptCommand {
  /**
   * The next output, at most 64 KiB of each kind, with secrets masked. Waits for some, and after a few seconds gives none. What
   * is not read stays with the command, which waits.
   */
  read(): Promise<CommandOutput>;
  /** Hands bytes to its standard input, after those of earlier calls; resolves when it has taken them, or reads no more. */
  write(bytes: Uint8Array): Promise<void>;
  /** Ends its standard input once it has taken what it was handed. Safe twice. */
  endInput(): void;
  /** Sends its process group a signal. Nothing happens once it has ended. */
  signal(signal: CommandSignal): void;
  /** Ends it: TERM, two seconds later KILL. What it has said is not kept. Safe twice. */
  close(): void;
}

/** Runs commands beside attempts. */
export interface AttemptExec {
  /**
   * Starts a command. It ends when it is closed, when this process dies, and with the attempt; what it has started ends with it.
   * Where attempts have no cgroups, what has left its process group, as by `setsid`, lives on until the attempt ends.
   *
   * Its place is taken until it has ended and that was read, or it was closed.
   *
   * @param spec of an attempt that runs.
   * @throws FetchmlError conflict when the attempt does not run; quota-exceeded when too many commands run; box-unfit; and
   *   what the secrets throw
   */
  start(spec: AttemptSpec, command: readonly string[]): Promise<AttemptCommand>;
  /** Ends all commands. Safe twice. */
  close(): Promise<void>;
}
