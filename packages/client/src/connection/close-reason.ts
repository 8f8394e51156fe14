// What the end of a connection means, from its close code.
import {
  CLOSE_KEY_ENDED,
  CLOSE_TOO_SLOW,
  FetchmlError,
  KEY_ENDS,
  readKeyEnd,
  type KeyEnd,
} from "@fetchml/protocol";

/** The end of a WebSocket as its `close` event tells it. */
export interface SocketClose {
  /** Close code of RFC 6455; 1006 when the connection ended without a close frame. */
  readonly code: number;
  readonly reason: string;
}

/** The error with which the calls of a connection end that the server, or the network, has closed. */
export function closeError(apiUrl: string, close: SocketClose): FetchmlError {
  switch (close.code) {
    case CLOSE_KEY_ENDED:
      return keyEnded(apiUrl, close.reason);
    case CLOSE_TOO_SLOW:
      return new FetchmlError(
        "unreachable",
        `FetchML at ${apiUrl} closed the connection: it was read too slowly. Try again.`,
      );
    case 1001:
    case 1012:
      return new FetchmlError(
        "shutting-down",
        `FetchML at ${apiUrl} is stopping. Jobs go on; try again shortly.`,
      );
    case 1009:
      return new FetchmlError(
        "too-large",
        `FetchML at ${apiUrl} closed the connection: a request was too large.`,
      );
    default:
      return new FetchmlError(
        "unreachable",
        `The connection to FetchML at ${apiUrl} was lost. Jobs go on; try again.`,
      );
  }
}

function keyEnded(apiUrl: string, reason: string): FetchmlError {
  const { why, sentence } = readKeyEnd(reason);
  const said = sentence.replace(/\p{Cc}/gu, "") || "Your API key is no longer valid.";
  return new FetchmlError(
    // A word of a later release still says that the key has ended.
    why === null ? "key-invalid" : KEY_ENDS[why].code,
    `FetchML at ${apiUrl} has ended the connection. ${said}\n${adviceFor(why)} Jobs go on.`,
  );
}

function adviceFor(why: KeyEnd | null): string {
  switch (why) {
    case "user-disabled":
    case "user-removed":
      return "Ask your admin.";
    case "role-changed":
      return "Your key is good: type the command again.";
    case "key-replaced":
      return 'Type "ml login" and paste the newer one, or ask your admin.';
    case "key-revoked":
    case "key-expired":
    case "key-invalid":
    case null:
      return 'Ask your admin for a new key, then type "ml login".';
  }
}
