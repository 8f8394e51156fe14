// Standard output and standard error: written at once, never through a stream.
import { writeSync } from "node:fs";

/** Where text for a person or another program goes. */
export interface Output {
  readonly isTerminal: boolean;
  /** Columns of the terminal; 80 where there is none. */
  readonly columns: number;
  /** Returns when all of it has been taken. @throws the system's error, such as EPIPE when the reader has gone */
  write(data: string | Uint8Array): void;
}

/** Writes all of it to a descriptor. The first use of `process.stdout` costs 7 ms of start-up, this nothing. */
export function writeWhole(descriptor: number, data: string | Uint8Array): void {
  // Not Buffer, whose first use takes 0.2 ms.
  let rest = typeof data === "string" ? new TextEncoder().encode(data) : data;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      // A pipe that another program has set non-blocking and that is full now.
      if (!isBusy(error)) throw error;
      Bun.sleepSync(1);
    }
  }
}

/** Whether an error says that the reader of a pipe has gone, as `head` does when it has seen enough. */
export function isBrokenPipe(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EPIPE";
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EAGAIN";
}
