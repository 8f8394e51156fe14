// One question and its answer in one round trip, over plain HTTP: for a command that asks once and is done.
import { FetchmlError, type MethodName, type ParamsOf, type ResultOf } from "@fetchml/protocol";
import type { Endpoint } from "../client.ts";
import { connectError, notFetchml } from "./connect-failure.ts";
import { decodeFrame, encodeRequest } from "./envelope.ts";
import { requestHttp } from "./http-request.ts";
import { SocketFailure } from "./socket-failure.ts";

const DEFAULT_TIMEOUT_MS = 10_000;

/**
 * Calls a method that only looks: whoever lost its answer may just ask again. A WebSocket would take a round trip more, for its
 * upgrade, which over a tunnel to another continent is what a person waits for. It is used all the same where a proxy lets nothing
 * else through.
 *
 * @throws FetchmlError the server's refusal; `unreachable` also when the whole answer is not there within the time that
 *   `connectTimeoutMs` allows; `not-fetchml`; `key-…`; `protocol-mismatch`
 */
export async function ask<M extends MethodName>(
  endpoint: Endpoint,
  method: M,
  params: ParamsOf<M>,
): Promise<ResultOf<M>> {
  let response: Response;
  try {
    response = await requestHttp(endpoint, {
      method: "POST",
      path: "/rpc",
      headers: { "content-type": "application/json" },
      body: encodeRequest(1, method, params),
      signal: AbortSignal.timeout(endpoint.connectTimeoutMs ?? DEFAULT_TIMEOUT_MS),
    });
  } catch (error) {
    const isStranger = error instanceof FetchmlError && error.code === "not-fetchml";
    if (!isStranger) throw error;
    const { callOnce } = await import("./connect.ts");
    return callOnce(endpoint, method, params);
  }
  const text = await response.text().catch((error: unknown) => {
    throw connectError(endpoint, SocketFailure.of(error));
  });
  const frame = decodeFrame(text);
  if (frame.kind === "error") throw frame.error;
  if (frame.kind !== "result") throw notFetchml(endpoint.apiUrl, "its answer is not JSON-RPC 2.0");
  // The server answers as the method table says, as over a WebSocket.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return frame.result as ResultOf<M>;
}
