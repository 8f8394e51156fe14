// What a connection is told when its key or the server ends.
import { FetchmlError, type ErrorCode } from "@fetchml/protocol";
import type { ConnectionEnd } from "../auth/connections.ts";

/** The reason in a WebSocket's close frame: at most 123 bytes. */
export function endReason(why: ConnectionEnd): string {
  switch (why) {
    case "key-revoked":
      return "The API key was revoked.";
    case "key-expired":
      return "The API key has expired.";
    case "key-replaced":
      return "The API key was replaced by a newer one, and works no longer.";
    case "user-disabled":
      return "The user was disabled.";
    case "user-removed":
      return "The user was removed.";
    case "role-changed":
      return "The user's role was changed: connect again.";
  }
}

/** The same for a transfer over HTTP. */
export function endError(why: ConnectionEnd): FetchmlError {
  const code = CODES[why] ?? "key-invalid";
  return new FetchmlError(code, `The transfer was cut: ${endReason(why)}`);
}

const CODES: Partial<Record<ConnectionEnd, ErrorCode>> = {
  "key-revoked": "key-revoked",
  "key-expired": "key-expired",
  "key-replaced": "key-expired",
};

/** What is said to whoever comes or is cut off while the server stops. */
export function shuttingDown(): FetchmlError {
  return new FetchmlError("shutting-down", "The server is stopping. Try again in a moment.");
}
