// Shows on a terminal how far long work is, and ends it in good order when it is interrupted.
import { FetchmlError, formatSize } from "@fetchml/protocol";

/** Time between two lines. */
const SHOW_MS = 200;

/** What long work is handed. */
export interface Progress {
  /** Aborted by Ctrl-C and by TERM. */
  readonly signal: AbortSignal;
  /** Tells that so many bytes of a step are done, of how many; `null`: nobody knows yet. */
  readonly show: (step: string, bytes: number, total: number | null) => void;
}

/**
 * Does the work; with stderr on a terminal its bytes, their rate and the time left are shown in one line, which is gone at the end.
 * @param undone what is said when it was interrupted: `No backup was made`
 * @throws FetchmlError interrupted, and what the work throws
 */
export async function withProgress<T>(
  undone: string,
  work: (progress: Progress) => Promise<T>,
): Promise<T> {
  const stopping = new AbortController();
  const stop = () => stopping.abort(new FetchmlError("interrupted", `${undone}: interrupted.`));
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  const line = process.stderr.isTTY ? lineOf((text) => process.stderr.write(text)) : null;
  try {
    return await work({
      signal: stopping.signal,
      show: (step, bytes, total) => line?.show(step, bytes, total),
    });
  } finally {
    line?.clear();
    process.off("SIGINT", stop);
    process.off("SIGTERM", stop);
  }
}

function lineOf(write: (text: string) => void) {
  let began = { step: "", at: 0 };
  let shownAt = -Infinity;
  return {
    show: (step: string, bytes: number, total: number | null): void => {
      const now = performance.now();
      if (step !== began.step) began = { step, at: now };
      if (now - shownAt < SHOW_MS) return;
      shownAt = now;
      const perMs = bytes / Math.max(1, now - began.at);
      const rate = `${formatSize(Math.round(perMs * 1000))}/s`;
      const left = total === null ? "" : `, ${Math.ceil((total - bytes) / perMs / 1000)} s left`;
      write(`\r\u001b[K${step} ${formatSize(bytes)}, ${rate}${left}`);
    },
    clear: (): void => {
      if (shownAt > -Infinity) write("\r\u001b[K");
    },
  };
}
