// What a transfer is told when its key ends, and everybody when the server does.
import { FetchmlError, KEY_ENDS } from "@fetchml/protocol";
import type { ConnectionEnd } from "../auth/connections.ts";

/** The error that cuts a transfer over HTTP whose key has ended. */
export function endError(why: ConnectionEnd): FetchmlError {
  const { code, sentence } = KEY_ENDS[why];
  return new FetchmlError(code, `The transfer was cut: ${sentence}`);
}

/** What is said to whoever comes or is cut off while the server stops. */
export function shuttingDown(): FetchmlError {
  return new FetchmlError("shutting-down", "The server is stopping. Try again in a moment.");
}
