// One HTTP request to a server: straight there, with the key, and never along a redirect.
import { FetchmlError, SERVER_HEADER } from "@fetchml/protocol";
import { httpUrlOf } from "../api-url.ts";
import type { Endpoint } from "../client.ts";
import { connectError, notFetchml, unreachable } from "./connect-failure.ts";
import { errorOf, parsedObject } from "./envelope.ts";
import { requestHeaders } from "./request-headers.ts";
import { SocketFailure } from "./socket-failure.ts";

/** What to send. */
export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "HEAD";
  /** From the root of the server, such as `/rpc`. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Bun.BodyInit;
  /** Ends the request. Five minutes in which nothing is sent or received end it too. */
  readonly signal?: AbortSignal;
}

/**
 * Sends one request and gives the answer, whatever its status. `HTTP_PROXY` is not obeyed: over plain HTTP the proxy, even
 * for this machine itself, would read the key; and the WebSocket goes straight too.
 *
 * @throws SocketFailure when no HTTP answer came
 */
export async function sendHttp(endpoint: Endpoint, request: HttpRequest): Promise<Response> {
  try {
    return await fetch(httpUrlOf(endpoint.apiUrl) + request.path, {
      method: request.method,
      headers: { ...request.headers, ...requestHeaders(endpoint) },
      redirect: "manual",
      proxy: false,
      ...(endpoint.ca ? { tls: { ca: endpoint.ca } } : {}),
      ...(request.body === undefined ? {} : { body: request.body }),
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    });
  } catch (error) {
    const isTimeUp = error instanceof Error && error.name === "TimeoutError";
    if (isTimeUp || request.signal?.aborted === true) {
      throw new SocketFailure("no-answer", "the time allowed");
    }
    throw SocketFailure.of(error);
  }
}

/**
 * Sends one request and gives the answer of a FetchML server that worked.
 *
 * @throws FetchmlError with the server's own code and message; `unreachable` or `not-fetchml` when no server answered
 */
export async function requestHttp(endpoint: Endpoint, request: HttpRequest): Promise<Response> {
  let response: Response;
  try {
    response = await sendHttp(endpoint, request);
  } catch (error) {
    throw error instanceof SocketFailure ? connectError(endpoint, error) : error;
  }
  if (!isFromFetchml(response)) throw strangerError(endpoint.apiUrl, response);
  if (response.ok) return response;
  throw await answeredError(response);
}

/** Whether a FetchML server wrote the answer, and not a proxy before it or another program. */
export function isFromFetchml(response: Response): boolean {
  return response.headers.has(SERVER_HEADER);
}

/** The error in the body of a FetchML server's answer. */
export async function answeredError(response: Response): Promise<FetchmlError> {
  // A connection cut in the middle of the words leaves the status, which says enough.
  const body = parsedObject(await response.text().catch(() => ""));
  // `/rpc` answers a JSON-RPC envelope, the other paths the error object inside the same member.
  if (body !== undefined && "error" in body) return errorOf(body["error"]);
  return new FetchmlError(
    "internal-error",
    `The server answered with HTTP status ${response.status}.`,
  );
}

/** The error for an answer that no FetchML server wrote. */
export function strangerError(apiUrl: string, response: Response): FetchmlError {
  const { status } = response;
  if (status === 413) return tooLargeForProxy(apiUrl);
  const advice = PROXY_ADVICE.get(status);
  if (advice !== undefined) {
    const why = `the proxy in front of it answers with HTTP status ${status}`;
    return unreachable(apiUrl, why, advice);
  }
  const target = URL.parse(response.headers.get("location") ?? "", apiUrl)?.origin;
  if (status >= 300 && status < 400 && target !== undefined) {
    return notFetchml(apiUrl, `it redirects to ${target}, where the key is not sent`);
  }
  return notFetchml(apiUrl, `HTTP status ${status}`);
}

/** What to do about the statuses by which proxies say that they did not pass a request on (RFC 9110, RFC 6585). */
const PROXY_ADVICE: ReadonlyMap<number, string> = new Map([
  [408, "What was sent came too slowly for it: try again"],
  [429, "It was asked too often: wait a minute, then try again"],
  ...[502, 503, 504].map(
    (status) => [status, "Does the server behind it run? Then try again"] as const,
  ),
]);

function tooLargeForProxy(apiUrl: string): FetchmlError {
  return new FetchmlError(
    "too-large",
    `Cannot send that much to ${apiUrl}: the proxy in front of the server takes no body that large (HTTP status 413).\n` +
      'In nginx its admin adds the line "client_max_body_size 0;", as in deploy/nginx.conf: the server has limits of its own.',
  );
}
