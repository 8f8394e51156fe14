// Asks what listens at an address, without any key.
import { SERVER_HEADER } from "@fetchml/protocol";
import { httpUrlOf } from "../api-url.ts";
import type { Endpoint } from "../client.ts";
import { SocketFailure } from "./socket-failure.ts";

/**
 * - `fetchml`: a FetchML server
 * - `stranger`: another program; `sign` says by what that is seen
 * - `closed`: the connection was taken and closed without a word, as `ssh -L` does when nothing listens at its far end
 * - `nobody`: the connection was not taken, or no answer came in time; `sign` is the code of the system call
 * - `untrusted`: the TLS handshake failed; `sign` says why
 */
export interface Answerer {
  readonly kind: "fetchml" | "stranger" | "closed" | "nobody" | "untrusted";
  readonly sign: string;
}

/** Sends one `GET /healthz`, which needs no key. Never fails. */
export async function whoAnswers(
  endpoint: Pick<Endpoint, "apiUrl" | "ca">,
  timeoutMs: number,
): Promise<Answerer> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(`${httpUrlOf(endpoint.apiUrl)}/healthz`, {
      redirect: "manual",
      proxy: false,
      // A connection that is kept would be the way through a tunnel that is gone.
      keepalive: false,
      ...(endpoint.ca ? { tls: { ca: endpoint.ca } } : {}),
      signal,
    });
    await response.body?.cancel();
    const isFetchml = response.headers.has(SERVER_HEADER);
    return { kind: isFetchml ? "fetchml" : "stranger", sign: `HTTP status ${response.status}` };
  } catch (error) {
    if (signal.aborted) return { kind: "nobody", sign: "ETIMEDOUT" };
    const { kind, detail } = SocketFailure.of(error);
    if (kind === "not-http") return { kind: "stranger", sign: "it does not speak HTTP" };
    if (kind === "tls") return { kind: "untrusted", sign: detail };
    if (detail === "ECONNRESET") return { kind: "closed", sign: detail };
    return { kind: "nobody", sign: detail };
  }
}
