// Runs the command that prints the user's key, such as a password manager's.
import { FetchmlError } from "@fetchml/protocol";

/** What to run. */
export interface ApiKeyCommand {
  /** Run as it is, without a shell. At least one word. */
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The config file that names the command, as messages name it. */
  readonly path: string;
  /** Default 30 s. */
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 30_000;
/** For how long what a command has printed is waited for once it has ended, when something else keeps its output open. */
const MOMENT_MS = 250;
const MAX_OUTPUT_BYTES = 65_536;

/**
 * What the command has printed on standard output when it ends, whoever it has left behind with that output open. Its standard
 * error is this process's own, so that it can say what it lacks.
 *
 * @throws FetchmlError `key-missing` when it cannot be run, fails, takes too long or prints nothing. The message names the
 *   program only: its arguments may be secret.
 */
export async function runApiKeyCommand(command: ApiKeyCommand): Promise<string> {
  const child = spawn(command);
  const timeoutMs = command.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeUp = new Promise<"time-up">((resolve) => {
    timer = setTimeout(() => resolve("time-up"), timeoutMs);
  });
  const output = new Output(child.stdout.getReader());
  try {
    const exitCode = await Promise.race([child.exited, output.tooMuch, timeUp]);
    if (exitCode === "time-up") throw failed(command, `did not end within ${timeoutMs / 1000} s`);
    if (exitCode !== "too-much" && exitCode !== 0) {
      throw failed(command, `failed with exit code ${exitCode}`);
    }
    await Promise.race([output.untilQuiet(), timeUp]);
    if (output.isTooMuch) throw failed(command, "printed too much");
    // `bw` prints an empty line and exits 0 when it would have to ask something.
    if (output.text.trim() === "") throw failed(command, "printed nothing");
    return output.text;
  } finally {
    clearTimeout(timer);
    child.kill("SIGKILL");
    await output.close();
  }
}

function spawn(command: ApiKeyCommand) {
  try {
    return Bun.spawn([...command.words], {
      env: { ...command.env },
      stdin: "inherit",
      stdout: "pipe",
      stderr: "inherit",
    });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    throw failed(command, code === "ENOENT" ? "was not found" : `cannot be run (${code})`);
  }
}

interface Reader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
  cancel(): Promise<void>;
}

/** What a command prints, read as it comes until it ends or is more than a key could ever be. */
class Output {
  readonly #reader: Reader;
  readonly #chunks: Uint8Array[] = [];
  readonly #end: Promise<"ended" | "too-much">;
  #length = 0;

  constructor(reader: Reader) {
    this.#reader = reader;
    this.#end = this.#read();
  }

  /** All so far. */
  get text(): string {
    return Buffer.concat(this.#chunks).toString("utf8");
  }

  get isTooMuch(): boolean {
    return this.#length > MAX_OUTPUT_BYTES;
  }

  /** Resolves when it is too much, and else never. */
  get tooMuch(): Promise<"too-much"> {
    return this.#end.then((end) => (end === "too-much" ? end : new Promise(() => undefined)));
  }

  /** Resolves when it has ended, or when nothing has come for a moment. */
  async untilQuiet(): Promise<void> {
    for (let before = -1; before !== this.#length;) {
      before = this.#length;
      let timer: ReturnType<typeof setTimeout> | undefined;
      const moment = new Promise<"quiet">((resolve) => {
        // The turn after it, so that what came while this process was not running counts.
        timer = setTimeout(() => setImmediate(() => resolve("quiet")), MOMENT_MS);
      });
      const next = await Promise.race([this.#end, moment]);
      clearTimeout(timer);
      if (next !== "quiet") return;
    }
  }

  /** Reads no further: a child of the command may hold the pipe open for ever. Safe twice. */
  async close(): Promise<void> {
    await this.#reader.cancel();
  }

  async #read(): Promise<"ended" | "too-much"> {
    while (!this.isTooMuch) {
      const { done, value } = await this.#reader.read();
      if (done || value === undefined) return "ended";
      this.#chunks.push(value);
      this.#length += value.length;
    }
    return "too-much";
  }
}

function failed(command: ApiKeyCommand, why: string): FetchmlError {
  const program = command.words[0] ?? "";
  return new FetchmlError(
    "key-missing",
    `Cannot get the API key: "${program}" ${why} (api_key_command in ${command.path}).\n` +
      "Is your password manager unlocked? Type the command yourself to see what it says.",
    // What to type is known of the one that is known.
    { details: program === "bw" ? { command: "bw unlock" } : {} },
  );
}
