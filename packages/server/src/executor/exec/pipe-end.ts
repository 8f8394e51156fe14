// Our end of a pipe to or from a command: never read ahead, never blocking the server.
import { closeSync, constants, openSync, readSync, writeSync } from "node:fs";
import { makePipe } from "./libc.ts";

/** A pipe with one end for us and one, by number, for a process that is started with it. */
export interface OwnedPipe {
  readonly ours: PipeEnd;
  /** To be handed to the process. */
  readonly theirs: number;
  /** Closes the process's end here, once it has it. Safe twice. */
  closeTheirs(): void;
}

/** Makes a pipe of which we read or write one end. @throws FetchmlError box-unfit */
export function openPipe(mode: "read" | "write"): OwnedPipe {
  const { reading, writing } = makePipe();
  const [own, theirs] = mode === "read" ? [reading, writing] : [writing, reading];
  const access = mode === "read" ? constants.O_RDONLY : constants.O_WRONLY;
  let isTheirsOpen = true;
  try {
    // Opened anew, so that only our end does not block: programs do not expect that of theirs.
    const ours = new PipeEnd(openSync(`/proc/self/fd/${own}`, access | constants.O_NONBLOCK));
    return {
      ours,
      theirs,
      closeTheirs() {
        if (isTheirsOpen) closeSync(theirs);
        isTheirsOpen = false;
      },
    };
  } finally {
    closeSync(own);
  }
}

/** One end of a pipe. */
export class PipeEnd {
  readonly #fd: number;
  #isOpen = true;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Reads what there is; `null` where there is nothing yet, no bytes at the end. */
  read(limitBytes: number): Buffer | null {
    if (!this.#isOpen) return Buffer.alloc(0);
    const buffer = Buffer.allocUnsafe(limitBytes);
    try {
      return buffer.subarray(0, readSync(this.#fd, buffer, 0, limitBytes, null));
    } catch (error) {
      if (codeOf(error) === "EAGAIN") return null;
      throw error;
    }
  }

  /** Writes what there is room for; how many bytes, `null` when nobody will ever read them. */
  write(bytes: Uint8Array): number | null {
    if (!this.#isOpen) return null;
    try {
      return writeSync(this.#fd, bytes);
    } catch (error) {
      switch (codeOf(error)) {
        case "EAGAIN":
          return 0;
        case "EPIPE":
          return null;
        default:
          throw error;
      }
    }
  }

  /** Safe twice. */
  close(): void {
    if (this.#isOpen) closeSync(this.#fd);
    this.#isOpen = false;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : null;
}
