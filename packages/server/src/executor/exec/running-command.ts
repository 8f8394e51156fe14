// One command beside an attempt: its pipes, its orders and its end.
import type { AttemptCommand, CommandOutput, CommandSignal } from "../../domain/attempt-exec.ts";
import type { Mask } from "../../secrets/mask-bytes.ts";
import { MaskedStream } from "./masked-stream.ts";
import { openPipe, type OwnedPipe, type PipeEnd } from "./pipe-end.ts";

/** What a command is started from. */
export interface CommandStart {
  /** `exec.sh` and its arguments. */
  readonly arguments: readonly string[];
  /** Descriptor that holds the variables. */
  readonly variables: number;
  /** Descriptor that the way into the sandbox needs; `null`: none. */
  readonly entry: number | null;
  readonly mask: Mask;
  /** Where the programs of the box are found. */
  readonly path: string;
  /** Called once, when it has ended and nothing of it is held here: its end was read, or it was closed. */
  readonly onGone: () => void;
}

/** A command as its attempt sees it. */
export interface StartedCommand extends AttemptCommand {
  /** Ends it as {@link AttemptCommand.close} does; what it has said can be read. Safe twice. */
  end(): void;
}

/** Starts it. @throws FetchmlError box-unfit; Error when the machine can start no process */
export function startCommand(start: CommandStart): StartedCommand {
  return new RunningCommand(start);
}

/** Bytes of one kind in one answer at most. */
const PIECE_BYTES = 65_536;
/** How long a read waits for output. */
const PATIENCE_MS = 5_000;
/** Between two looks at a pipe: it grows while nothing happens. */
const FIRST_LOOK_MS = 1;
const LAST_LOOK_MS = 30;

/** The end of its orders' pipe is what ends the command, so that it ends with this process too. */
class RunningCommand implements StartedCommand {
  readonly #input: PipeEnd;
  readonly #orders: PipeEnd;
  readonly #stdout: Output;
  readonly #stderr: Output;
  readonly #onGone: () => void;
  /** What is being written, one after the other. Never fails. */
  #writing: Promise<void> = Promise.resolve();
  #exitCode: number | null = null;
  #isClosed = false;
  #isDropped = false;

  constructor({ arguments: args, variables, entry, mask, path, onGone }: CommandStart) {
    this.#onGone = onGone;
    const pipes: OwnedPipe[] = [];
    const open = (mode: "read" | "write") => {
      const pipe = openPipe(mode);
      pipes.push(pipe);
      return pipe;
    };
    try {
      const [input, stdout, stderr, orders] = [
        open("write"),
        open("read"),
        open("read"),
        open("write"),
      ];
      const child = Bun.spawn({
        cmd: ["/bin/sh", ...args],
        cwd: "/",
        env: { PATH: path },
        detached: true,
        stdio: [
          input.theirs,
          stdout.theirs,
          stderr.theirs,
          orders.theirs,
          variables,
          "ignore",
          ...(entry === null ? [] : [entry]),
        ],
      });
      this.#input = input.ours;
      this.#orders = orders.ours;
      this.#stdout = new Output(stdout.ours, mask);
      this.#stderr = new Output(stderr.ours, mask);
      void child.exited.then((code) => {
        this.#exitCode = code;
        this.end();
        if (this.#isDropped) onGone();
      });
    } catch (error) {
      for (const { ours } of pipes) ours.close();
      throw error;
    } finally {
      for (const pipe of pipes) pipe.closeTheirs();
    }
  }

  async read(): Promise<CommandOutput> {
    const until = performance.now() + PATIENCE_MS;
    for (let pauseMs = FIRST_LOOK_MS; ; pauseMs = Math.min(pauseMs * 2, LAST_LOOK_MS)) {
      // Looked at before the pipes: what it has written is in there then.
      const exitCode = this.#exitCode;
      const [stdout, stderr] = [this.#stdout.take(), this.#stderr.take()];
      const hasMore = stdout !== null || stderr !== null;
      if (!hasMore && exitCode !== null) {
        this.#drop();
        return { stdout: this.#stdout.rest(), stderr: this.#stderr.rest(), exitCode };
      }
      const output = { stdout: stdout ?? EMPTY, stderr: stderr ?? EMPTY, exitCode: null };
      if (output.stdout.length + output.stderr.length > 0) return output;
      if (this.#isClosed || performance.now() > until) return output;
      await Bun.sleep(pauseMs);
    }
  }

  write(bytes: Uint8Array): Promise<void> {
    const written = this.#writing.then(() => this.#put(bytes));
    this.#writing = written.catch(() => undefined);
    return written;
  }

  endInput(): void {
    void this.#writing.then(() => this.#input.close());
  }

  signal(signal: CommandSignal): void {
    this.#orders.write(Buffer.from(`${signal}\n`));
  }

  end(): void {
    this.#input.close();
    this.#orders.close();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.end();
    this.#drop();
  }

  async #put(bytes: Uint8Array): Promise<void> {
    let rest = bytes;
    for (let pauseMs = FIRST_LOOK_MS; rest.length > 0;) {
      const taken = this.#input.write(rest);
      if (taken === null || this.#isClosed) return;
      rest = rest.subarray(taken);
      pauseMs = taken > 0 ? FIRST_LOOK_MS : Math.min(pauseMs * 2, LAST_LOOK_MS);
      if (rest.length > 0) await Bun.sleep(pauseMs);
    }
  }

  #drop(): void {
    if (this.#isDropped) return;
    this.#isDropped = true;
    this.#stdout.close();
    this.#stderr.close();
    if (this.#exitCode !== null) this.#onGone();
  }
}

const EMPTY = Buffer.alloc(0);

/** One of the two outputs. */
class Output {
  readonly #end: PipeEnd;
  readonly #masked: MaskedStream;

  constructor(end: PipeEnd, mask: Mask) {
    this.#end = end;
    this.#masked = new MaskedStream(mask);
  }

  /** What may be shown of what there is, which may be nothing yet; `null` where there is nothing. */
  take(): Buffer | null {
    const bytes = this.#end.read(PIECE_BYTES);
    return bytes === null || bytes.length === 0 ? null : this.#masked.push(bytes, false);
  }

  /** What was held back. */
  rest(): Buffer {
    return this.#masked.push(EMPTY, true);
  }

  close(): void {
    this.#end.close();
  }
}
