// The headers of every request to a server, the WebSocket's upgrade included.
import { CLIENT_HEADER, PROTOCOL_HEADER, PROTOCOL_VERSION } from "@fetchml/protocol";
import type { Endpoint } from "../client.ts";

/** The key, the protocol version and who is calling. */
export function requestHeaders(
  endpoint: Pick<Endpoint, "apiKey" | "clientName">,
): Record<string, string> {
  return {
    authorization: `Bearer ${endpoint.apiKey}`,
    [PROTOCOL_HEADER]: String(PROTOCOL_VERSION),
    [CLIENT_HEADER]: endpoint.clientName,
  };
}
