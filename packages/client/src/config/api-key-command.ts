// Runs the command that prints the user's key, such as a password manager's.
import { FetchmlError } from "@fetchml/protocol";

/** What to run. */
export interface ApiKeyCommand {
  /** Run as it is, without a shell. At least one word. */
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The config file that names the command, for messages. */
  readonly path: string;
  /** Default 30 s. */
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 30_000;
const MAX_OUTPUT_BYTES = 65_536;

/**
 * What the command prints on standard output. Its standard error is this process's own, so that it can say what it lacks.
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
  const reader = child.stdout.getReader();
  try {
    const output = await Promise.race([readAll(reader), timeUp]);
    if (output === undefined) throw failed(command, "printed too much");
    // Whoever closes standard output and goes on is not waited for longer either.
    const exitCode = output === "time-up" ? output : await Promise.race([child.exited, timeUp]);
    if (output === "time-up" || exitCode === "time-up") {
      throw failed(command, `did not end within ${timeoutMs / 1000} s`);
    }
    if (exitCode !== 0) throw failed(command, `failed with exit code ${exitCode}`);
    // `bw` prints an empty line and exits 0 when it would have to ask something.
    if (output.trim() === "") throw failed(command, "printed nothing");
    return output;
  } finally {
    clearTimeout(timer);
    child.kill("SIGKILL");
    // A child of the command may hold the pipe open for ever.
    await reader.cancel();
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

/** All of a stream as text; `undefined` when it is more than a key could ever be. */
async function readAll(reader: {
  read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>;
}): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  while (length <= MAX_OUTPUT_BYTES) {
    const { done, value } = await reader.read();
    if (done || value === undefined) return Buffer.concat(chunks).toString("utf8");
    chunks.push(value);
    length += value.length;
  }
  return undefined;
}

function failed(command: ApiKeyCommand, why: string): FetchmlError {
  return new FetchmlError(
    "key-missing",
    `Cannot get the API key: "${command.words[0]}" ${why} (api_key_command in ${command.path}).\n` +
      "Is your password manager unlocked? Type the command yourself to see what it says.",
  );
}
