// Values as JSON on standard output.
import type { Output } from "../output.ts";

/** Writes one JSON value and a line feed: indented on a terminal, else in one line. */
export function writeJson(output: Output, value: unknown): void {
  output.write(`${jsonText(value, output.isTerminal ? 2 : 0)}\n`);
}

/** A value as JSON. Control characters are escaped, DEL, C1 and direction marks as well, so that a terminal shows them. */
export function jsonText(value: unknown, indent = 0): string {
  return JSON.stringify(value, null, indent).replace(
    /[[\p{Cc}\p{Bidi_Control}]--\n]/gv,
    (symbol) => `\\u${symbol.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
