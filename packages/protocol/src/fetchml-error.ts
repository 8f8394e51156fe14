// The one error class for everything a person can cause or fix.
import type { ErrorCode } from "./error-code.ts";

/** Plain data about an error, safe to show to whoever caused it. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/**
 * Something a person can cause or fix. The message says what could not be done, to what, why, and what to do next,
 * in at most three lines. Any other thrown error is a bug: it is logged with its stack and shown without.
 */
export class FetchmlError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly details?: ErrorDetails; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "FetchmlError";
    this.code = code;
    this.details = options.details ?? {};
  }
}
