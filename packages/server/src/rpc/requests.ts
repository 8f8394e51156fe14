// Reads the text of a frame or body as JSON-RPC 2.0 requests.
import { FetchmlError, type RpcId } from "@fetchml/protocol";
import { isPlainObject } from "./plain-object.ts";

/** Most requests in one batch. */
export const MOST_IN_BATCH = 100;

/** A request that has the right form; `id` is `undefined` for a notification, which gets no answer. */
export interface Request {
  readonly id: RpcId | undefined;
  readonly method: string;
  readonly params: unknown;
}

/** One element of a frame: a request, or what is wrong with it and the id to say so under. */
export type ReadRequest =
  Request | { readonly id: RpcId | undefined; readonly error: FetchmlError };

/** What a frame holds. */
export interface ReadFrame {
  readonly isBatch: boolean;
  readonly requests: readonly ReadRequest[];
}

/** Reads a frame; never throws. What is no request is answered as JSON-RPC 2.0 demands. */
export function readFrame(text: string): ReadFrame {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Too deep a nesting is a RangeError and ends here too.
    return wrong(new FetchmlError("parse-error", "The request is not JSON."));
  }
  if (!Array.isArray(value)) return { isBatch: false, requests: [readRequest(value)] };
  if (value.length === 0) return wrong(invalid("The batch is empty."));
  if (value.length > MOST_IN_BATCH) {
    return wrong(invalid(`A batch holds at most ${MOST_IN_BATCH} requests: send several.`));
  }
  return { isBatch: true, requests: value.map(readRequest) };
}

function readRequest(value: unknown): ReadRequest {
  if (!isPlainObject(value)) return { id: null, error: invalid("A request is a JSON object.") };
  const { jsonrpc, id, method, params } = value;
  if (id !== undefined && !isRpcId(id)) {
    return { id: null, error: invalid('"id" is a string, a number or null.') };
  }
  if (jsonrpc !== "2.0") return { id: id ?? null, error: invalid('"jsonrpc" is not "2.0".') };
  if (typeof method !== "string") return { id: id ?? null, error: invalid('"method" is missing.') };
  if (params !== undefined && (typeof params !== "object" || params === null)) {
    return { id: id ?? null, error: invalid('"params" is an object.') };
  }
  return { id, method, params };
}

function isRpcId(value: unknown): value is RpcId {
  return value === null || typeof value === "string" || typeof value === "number";
}

function invalid(message: string): FetchmlError {
  return new FetchmlError("invalid-request", message);
}

function wrong(error: FetchmlError): ReadFrame {
  return { isBatch: false, requests: [{ id: null, error }] };
}
