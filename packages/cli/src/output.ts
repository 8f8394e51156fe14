// Standard output and standard error: written at once, never through a stream.
import { writeSync } from "node:fs";
import { FetchmlError } from "@fetchml/protocol";

/** Where text for a person or another program goes. */
export interface Output {
  readonly isTerminal: boolean;
  /** Columns of the terminal; 80 where there is none. */
  readonly columns: number;
  /** Returns when all of it has been taken. @throws FetchmlError disk-full; otherwise the system's error, such as EPIPE when the reader has gone */
  write(data: string | Uint8Array): void;
}

/**
 * Writes all of it to a descriptor. The first use of `process.stdout` costs 7 ms of start-up, this nothing.
 * @throws FetchmlError disk-full; otherwise the system's error
 */
export function writeWhole(descriptor: number, data: string | Uint8Array): void {
  // Not Buffer, whose first use takes 0.2 ms.
  let rest = typeof data === "string" ? new TextEncoder().encode(data) : data;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      const code = codeOf(error);
      if (code === "ENOSPC" || code === "EDQUOT") throw noRoom(error);
      // A pipe that another program has set non-blocking and that is full now.
      if (code !== "EAGAIN") throw error;
      Bun.sleepSync(1);
    }
  }
}

/** Whether an error says that the reader of a pipe has gone, as `head` does when it has seen enough. */
export function isBrokenPipe(error: unknown): boolean {
  return codeOf(error) === "EPIPE";
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : null;
}

function noRoom(cause: unknown): FetchmlError {
  const message = "Cannot write all of the output: there is no room left where it goes.";
  return new FetchmlError("disk-full", `${message}\nMake room there, or send it elsewhere.`, {
    cause,
  });
}
