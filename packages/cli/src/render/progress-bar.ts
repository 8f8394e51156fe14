// One line that shows how far a transfer is: bytes, rate and time left.
import { formatDuration, formatSize } from "@fetchml/protocol";
import type { Output } from "../output.ts";

/** Shows the progress of one transfer. */
export interface ProgressBar {
  /** Draws anew, at most every {@link REDRAW_MS} milliseconds. */
  update(doneBytes: number, totalBytes: number): void;
  /** Takes the line off the screen. Safe twice. */
  close(): void;
}

/** Milliseconds between two drawings. */
export const REDRAW_MS = 100;

/** A bar on a terminal; on anything else one that shows nothing. */
export function openProgressBar(output: Output, label: string, now: () => number): ProgressBar {
  if (!output.isTerminal) return { update: () => {}, close: () => {} };
  const startedAt = now();
  let drawnAt = -Infinity;
  let isShown = false;
  return {
    update(doneBytes, totalBytes) {
      const at = now();
      if (at - drawnAt < REDRAW_MS) return;
      drawnAt = at;
      isShown = true;
      const line = progressLine(
        { label, doneBytes, totalBytes, elapsedMs: at - startedAt },
        output.columns,
      );
      output.write(`\r\u001B[K${line}`);
    },
    close() {
      if (isShown) output.write("\r\u001B[K");
      isShown = false;
    },
  };
}

/** How far a transfer is. */
export interface Progress {
  readonly label: string;
  readonly doneBytes: number;
  readonly totalBytes: number;
  readonly elapsedMs: number;
}

/** The line itself, shorter than the terminal is wide, so that it never wraps. */
export function progressLine(progress: Progress, columns: number): string {
  const { label, doneBytes, totalBytes, elapsedMs } = progress;
  const share = totalBytes > 0 ? Math.min(1, doneBytes / totalBytes) : 1;
  const rate = elapsedMs > 0 ? (doneBytes * 1000) / elapsedMs : 0;
  const left = rate > 0 ? formatDuration(wholeSeconds((totalBytes - doneBytes) / rate)) : "?";
  const numbers =
    `${String(Math.floor(share * 100)).padStart(3)}%  ${formatSize(doneBytes)} of ${formatSize(totalBytes)}` +
    `  ${formatSize(rate)}/s  ${left} left`;
  const room = Math.min(30, columns - Bun.stringWidth(label) - numbers.length - 6);
  if (room < 5) return `${label} ${numbers}`.slice(0, Math.max(0, columns - 1));
  const filled = Math.round(share * room);
  return `${label} [${"#".repeat(filled)}${".".repeat(room - filled)}] ${numbers}`;
}

function wholeSeconds(seconds: number): number {
  return Math.max(0, Math.ceil(seconds)) * 1000;
}
