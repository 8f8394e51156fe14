// Turns anything that was thrown into at most three lines for a person, a table where paths are to be listed, and an exit code.
import { errorCodeEntry, EXIT, FetchmlError, redactApiKeys } from "@fetchml/protocol";
import { isBrokenPipe, type Output } from "./output.ts";
import { plainLines, plainText } from "./render/plain-text.ts";
import { refusedPaths } from "./render/refused-paths.ts";

/** Where errors are told, and how much. */
export interface ErrorReport {
  readonly stderr: Output;
  /** Also the stack, with keys hidden. */
  readonly debug: boolean;
}

/** What the shell shows for a program that a closed pipe ended (128 + SIGPIPE): an unfinished `ml wait` is no success. */
export const EXIT_BROKEN_PIPE = 141;

/**
 * Tells the error and answers the exit code: for a `FetchmlError` that of its code. A reader that has gone, as in
 * `ml list | head`, is told nothing.
 */
export function reportError(thrown: unknown, report: ErrorReport): number {
  if (isBrokenPipe(thrown)) return EXIT_BROKEN_PIPE;
  try {
    const beneath = thrown instanceof FetchmlError ? refusedPaths(thrown) : "";
    report.stderr.write(redactApiKeys(`${messageOf(thrown)}\n${beneath}`));
    if (report.debug) report.stderr.write(`${redactApiKeys(plainLines(traceOf(thrown)))}\n`);
  } catch {
    // Nobody is left to tell.
  }
  return thrown instanceof FetchmlError ? errorCodeEntry(thrown.code).exit : EXIT.other;
}

function messageOf(thrown: unknown): string {
  if (thrown instanceof FetchmlError) {
    return plainLines(thrown.message).trimEnd().split("\n").slice(0, 3).join("\n");
  }
  const what = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return (
    `ml: a fault of the program: ${plainText(what)}\n` +
    "Please report it with what you typed and what the same command says with --debug."
  );
}

function traceOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const code = thrown instanceof FetchmlError ? `code ${thrown.code}\n` : "";
  const cause = thrown.cause === undefined ? "" : `\ncaused by ${traceOf(thrown.cause)}`;
  return `${code}${thrown.stack ?? thrown.message}${cause}`;
}
