// Asks over plain HTTP why a WebSocket upgrade was refused, which the upgrade itself does not tell.
import type { Endpoint } from "../client.ts";
import { connectError, unreachable } from "./connect-failure.ts";
import { encodeRequest } from "./envelope.ts";
import { answeredError, isFromFetchml, sendHttp, strangerError } from "./http-request.ts";
import { SocketFailure } from "./socket-failure.ts";

/** The reason, found with one `POST /rpc`: a wrong key, an old protocol, another program, a proxy that cannot upgrade. */
export async function whyRefused(endpoint: Endpoint, timeoutMs: number): Promise<Error> {
  try {
    const response = await sendHttp(endpoint, {
      method: "POST",
      path: "/rpc",
      headers: { "content-type": "application/json" },
      body: encodeRequest(1, "user.whoami", {}),
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (!isFromFetchml(response)) return strangerError(endpoint.apiUrl, response);
    if (!response.ok) return await answeredError(response);
    return unreachable(
      endpoint.apiUrl,
      "it answers over HTTP but refuses WebSockets",
      "A proxy in front of it must pass on the headers Upgrade and Connection",
    );
  } catch (error) {
    if (error instanceof SocketFailure) return connectError(endpoint, error);
    throw error;
  }
}
