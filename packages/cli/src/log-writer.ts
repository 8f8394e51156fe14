// Writes the pieces of a log to standard output, as text that is safe to show or as the exact bytes.
import type { Output } from "./output.ts";
import { LogText } from "./render/log-text.ts";

/** How a log is written. */
export interface LogLook {
  /** The exact bytes, whatever they do to a terminal. */
  readonly raw: boolean;
  readonly colours: boolean;
}

/** Takes a log piece by piece. */
export interface LogWriter {
  write(bytes: Uint8Array): void;
  /** Writes what was held back, and on a terminal ends a line that has no end. Nothing is written afterwards. Safe twice. */
  finish(): void;
}

/** A writer for one attempt's log. */
export function openLogWriter(stdout: Output, look: LogLook): LogWriter {
  let isOpen = true;
  if (look.raw) {
    return {
      write: (bytes) => {
        if (isOpen) stdout.write(bytes);
      },
      finish: () => {
        isOpen = false;
      },
    };
  }
  const text = new LogText({ colours: look.colours, collapseReturns: !stdout.isTerminal });
  let endsLine = true;
  const put = (shown: string): void => {
    if (shown === "") return;
    endsLine = shown.endsWith("\n");
    stdout.write(shown);
  };
  return {
    write: (bytes) => {
      if (isOpen) put(text.push(bytes));
    },
    finish: () => {
      if (!isOpen) return;
      isOpen = false;
      const rest = text.finish();
      put(rest);
      if (stdout.isTerminal && !endsLine) stdout.write("\n");
    },
  };
}
