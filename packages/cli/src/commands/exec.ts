// `ml exec`: runs one command inside a running job, and ends with its exit code.
import type { Client } from "@fetchml/client";
import { EXIT, FetchmlError, logBytes } from "@fetchml/protocol";
import type { RunCommand } from "../command.ts";
import type { Environment } from "../environment.ts";
import { isBrokenPipe } from "../output.ts";
import { parseJobReference } from "../job-reference.ts";
import { openSession } from "../session.ts";

/**
 * Runs it and passes on input, output and Ctrl-C, as ssh does without a terminal: what is typed on a terminal stays here, a pipe or
 * a file reaches the command.
 *
 * @throws FetchmlError usage, conflict, and as the server does
 */
export const run: RunCommand = async (invocation, environment) => {
  const { words, command } = invocation;
  if (command === null || command.length === 0) throw noCommand(words[0] ?? "JOB");
  const { job, attempt } = parseJobReference(words[0] ?? "");
  const session = await openSession(invocation, environment);
  // One connection for all: the command belongs to it.
  const client = await session.link.client();
  const { exec } = await client.call("exec.start", {
    job: attempt === null ? job : `${job}#${attempt}`,
    command: [...command],
  });
  const off = passOnInterrupts(client, exec, environment);
  try {
    void sendInput(client, exec, environment);
    return await passOnOutput(client, exec, environment);
  } finally {
    off();
    session.link.close();
  }
};

/** Resolves with the exit code of the command. */
async function passOnOutput(
  client: Client,
  exec: string,
  { stdout, stderr }: Environment,
): Promise<number> {
  for (;;) {
    const output = await client.call("exec.read", { exec });
    try {
      stdout.write(logBytes(output.stdout));
      stderr.write(logBytes(output.stderr));
    } catch (error) {
      if (!isBrokenPipe(error)) throw error;
      // Nobody reads on, as behind `| head`. The end of the connection ends the command.
      return EXIT.ok;
    }
    if (output.exit_code !== null) return output.exit_code;
  }
}

/** Frames to the server hold 64 kB, base64 and all. */
const INPUT_BYTES = 32_768;

async function sendInput(client: Client, exec: string, { stdin }: Environment): Promise<void> {
  const send = (bytes: Uint8Array, end: boolean) => {
    const base64 = Buffer.from(bytes).toString("base64");
    return client.call("exec.write", { exec, bytes: { base64 }, end });
  };
  try {
    if (!stdin.isTerminal) {
      for await (const piece of piecesOf(stdin)) await send(piece, false);
    }
    await send(new Uint8Array(), true);
  } catch {
    // The command has ended, or the connection has: the output tells of both.
  }
}

async function* piecesOf(stdin: Environment["stdin"]): AsyncGenerator<Uint8Array, void> {
  for await (const chunk of stdin.stream()) {
    for (let at = 0; at < chunk.length; at += INPUT_BYTES) {
      yield chunk.subarray(at, at + INPUT_BYTES);
    }
  }
}

/** The first Ctrl-C is the command's, the third ends it whatever it does. */
function passOnInterrupts(client: Client, exec: string, { onInterrupt }: Environment): () => void {
  let count = 0;
  return onInterrupt(() => {
    count += 1;
    const signal = count < 3 ? "INT" : "KILL";
    void client.call("exec.signal", { exec, signal }).catch(() => undefined);
  });
}

function noCommand(job: string): FetchmlError {
  return new FetchmlError(
    "usage",
    `Nothing to run in ${JSON.stringify(job)}. Put the command after "--": ml exec ${job} -- nvidia-smi`,
  );
}
