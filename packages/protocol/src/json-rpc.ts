// JSON-RPC 2.0 envelopes (https://www.jsonrpc.org/specification) as this protocol uses them.
import type { ErrorCode } from "./error-code.ts";
import type { ErrorDetails } from "./fetchml-error.ts";

/** What a request is known by in its answer. */
export type RpcId = string | number | null;

/** What went wrong with one request. */
export interface RpcErrorObject {
  /** The number of the code in the table of error codes. */
  readonly code: number;
  readonly message: string;
  readonly data?: { readonly code: ErrorCode; readonly details?: ErrorDetails };
}

/** The answer to a request that was done. */
export interface RpcSuccess {
  readonly jsonrpc: "2.0";
  readonly id: RpcId;
  readonly result: unknown;
}

/** The answer to a request that was not done. */
export interface RpcFailure {
  readonly jsonrpc: "2.0";
  readonly id: RpcId;
  readonly error: RpcErrorObject;
}

/** The answer to a request. */
export type RpcResponse = RpcSuccess | RpcFailure;

/** News that nobody answers. */
export interface RpcNotification {
  readonly jsonrpc: "2.0";
  readonly method: string;
  readonly params: unknown;
}

/** Largest frame towards the server, in bytes. */
export const MAX_REQUEST_BYTES = 65_536;

/** Close code of a WebSocket whose key is no longer valid (revoked, expired, its user disabled or given another role). */
export const CLOSE_KEY_ENDED = 4401;

/** Close code of a WebSocket that reads slower than the server may buffer. */
export const CLOSE_TOO_SLOW = 4408;
