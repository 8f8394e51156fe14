// HTTP answers: each names this server, and errors look the same as over the WebSocket.
import {
  errorCodeEntry,
  PRODUCT_VERSION,
  SERVER_HEADER,
  type FetchmlError,
} from "@fetchml/protocol";
import { errorReply, replyText, type Reply } from "./replies.ts";

/** Headers of every answer. Nothing that this server says is for a cache or for a browser to guess at. */
export const EVERY_ANSWER: Readonly<Record<string, string>> = {
  [SERVER_HEADER]: PRODUCT_VERSION,
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
};

/** An answer of JSON text. */
export function jsonAnswer(
  text: string,
  { status = 200, headers = {} }: { status?: number; headers?: Record<string, string> } = {},
): Response {
  return new Response(text, {
    status,
    headers: { ...EVERY_ANSWER, "content-type": "application/json", ...headers },
  });
}

/** An answer of a line of plain text, for probes. */
export function wordAnswer(word: string, status = 200): Response {
  return new Response(`${word}\n`, {
    status,
    headers: { ...EVERY_ANSWER, "content-type": "text/plain;charset=utf-8" },
  });
}

/** The answer that tells of an error: status and headers from the table, a JSON-RPC error as body. */
export function errorAnswer(error: FetchmlError, headers: Record<string, string> = {}): Response {
  return replyAnswer(errorReply(error), headers);
}

/** The answer that carries a reply to `POST /rpc`. */
export function replyAnswer(reply: Reply, headers: Record<string, string> = {}): Response {
  const text = replyText(reply);
  if (text === null) return new Response(null, { status: 204, headers: { ...EVERY_ANSWER } });
  const error = reply.kind === "single" ? reply.error : null;
  if (error === null) return jsonAnswer(text, { headers });
  return jsonAnswer(text, {
    status: errorCodeEntry(error.code).http,
    headers: { ...headersOf(error), ...headers },
  });
}

function headersOf(error: FetchmlError): Record<string, string> {
  const headers: Record<string, string> = {};
  const status = errorCodeEntry(error.code).http;
  if (status === 401) {
    // RFC 6750: no error is named to a client that showed nothing.
    headers["www-authenticate"] =
      error.code === "key-missing"
        ? 'Bearer realm="fetchml"'
        : 'Bearer realm="fetchml", error="invalid_token"';
  }
  if (status === 426) headers["upgrade"] = "websocket";
  const wait = error.details["retry_after_s"];
  if (typeof wait === "number") headers["retry-after"] = String(wait);
  return headers;
}
