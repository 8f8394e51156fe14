// Why a WebSocket never came to be open, as the runtime tells it.

/**
 * - `refused`: something answered the upgrade with an HTTP status other than 101
 * - `not-http`: something answered, but not in HTTP
 * - `no-answer`, `no-hello`: the time was up, before or after the upgrade
 * - `tls`: the TLS handshake failed; `detail` says why
 * - `network`: all else; `detail` is the code of the system call, such as `ECONNREFUSED`
 */
export type SocketFailureKind =
  "refused" | "not-http" | "no-answer" | "no-hello" | "tls" | "network";

/** A connection that came to nothing, before it is known what to tell a person about it. */
export class SocketFailure extends Error {
  readonly kind: SocketFailureKind;
  readonly detail: string;

  constructor(kind: SocketFailureKind, detail: string) {
    super(`${kind}: ${detail}`);
    this.name = "SocketFailure";
    this.kind = kind;
    this.detail = detail;
  }

  /** Reads the error of a WebSocket's `error` event, or of a `fetch` that failed. */
  static of(error: unknown): SocketFailure {
    const message = error instanceof Error ? error.message : "";
    const code =
      error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
    // Bun 1.4.5 says `Expected 101 status code: 404`, without a code.
    const status = /Expected 101 status code(?:: (\d+))?/.exec(message);
    if (status !== null) return new SocketFailure("refused", status[1] ?? "");
    if (NOT_HTTP.test(code)) return new SocketFailure("not-http", code);
    if (TLS.test(code)) return new SocketFailure("tls", tlsDetail(code, message));
    return new SocketFailure("network", code === "" ? "ECONNRESET" : code);
  }
}

const NOT_HTTP = /^(?:HPE_|Malformed_HTTP)/;
const TLS = /CERT|SSL|TLS|^EPROTO$|^UNABLE_TO_|^HOSTNAME_MISMATCH$/;

function tlsDetail(code: string, message: string): string {
  // EPROTO: the other end did not speak TLS at all. Its message is OpenSSL's inside view.
  if (code === "EPROTO") return "it does not speak TLS on that port";
  return /TLS handshake failed: ([\w ,.'-]+)$/.exec(message)?.[1] ?? code;
}
