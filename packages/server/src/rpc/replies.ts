// Answers a frame: every request in it is dispatched, and what each one gets back is put together.
import { containsApiKey, FetchmlError, type RpcResponse } from "@fetchml/protocol";
import type { RpcContext } from "./context.ts";
import { dispatch } from "./dispatch.ts";
import type { Caller } from "./handlers/handler.ts";
import { readFrame, type ReadRequest } from "./requests.ts";
import { asFetchmlError, rpcErrorOf } from "./rpc-error.ts";

/** What goes back: nothing for notifications alone, one response, or the responses of a batch in any order. */
export type Reply =
  | { readonly kind: "none" }
  | {
      readonly kind: "single";
      readonly response: RpcResponse;
      readonly error: FetchmlError | null;
    }
  | { readonly kind: "batch"; readonly responses: readonly RpcResponse[] };

/** Does what a frame asks for; never throws. Resolves when what it changed is durable. */
export function replyTo(ctx: RpcContext, caller: Caller, text: string): Promise<Reply> {
  const { isBatch, requests: read } = readFrame(text);
  const holdsKey = caller.principal.kind === "key" && hasKey(text, read);
  const requests = holdsKey ? read.map(refused) : read;
  const [first] = requests;
  return isBatch || first === undefined
    ? answerAll(ctx, caller, requests)
    : answer(ctx, caller, first);
}

async function answerAll(
  ctx: RpcContext,
  caller: Caller,
  requests: readonly ReadRequest[],
): Promise<Reply> {
  const replies = await Promise.all(requests.map((request) => answer(ctx, caller, request)));
  const responses = replies.flatMap((reply) => (reply.kind === "single" ? reply.response : []));
  return responses.length === 0 ? { kind: "none" } : { kind: "batch", responses };
}

/** The reply as the text of a frame; `null` when there is nothing to send. */
export function replyText(reply: Reply): string | null {
  switch (reply.kind) {
    case "none":
      return null;
    case "single":
      return JSON.stringify(reply.response);
    case "batch":
      return JSON.stringify(reply.responses);
  }
}

/** The response that tells of an error where no request could be read. */
export function errorReply(error: FetchmlError): Reply {
  return {
    kind: "single",
    error,
    response: { jsonrpc: "2.0", id: null, error: rpcErrorOf(error) },
  };
}

/** JSON can spell any letter as an escape: then what was read is looked at, not how it was written. */
function hasKey(text: string, requests: readonly ReadRequest[]): boolean {
  const plain = text.includes("\\u") ? JSON.stringify(requests) : text;
  return containsApiKey(plain);
}

/** What is in a request gets stored and shown, so a key has no place there. */
function refused(request: ReadRequest): ReadRequest {
  if ("error" in request) return request;
  const error = new FetchmlError(
    "invalid-params",
    "The request holds an API key, which would be stored and shown. Leave it out, and have that key revoked if others can have seen it.",
  );
  return { id: request.id, error };
}

async function answer(ctx: RpcContext, caller: Caller, request: ReadRequest): Promise<Reply> {
  const id = request.id ?? null;
  try {
    if ("error" in request) throw request.error;
    const result = await dispatch(ctx, caller, request);
    if (request.id === undefined) return { kind: "none" };
    return { kind: "single", response: { jsonrpc: "2.0", id, result }, error: null };
  } catch (thrown) {
    const during = "method" in request ? request.method.slice(0, 80) : "reading the request";
    const error = asFetchmlError(thrown, during, ctx.log);
    if (request.id === undefined) return { kind: "none" };
    return { kind: "single", response: { jsonrpc: "2.0", id, error: rpcErrorOf(error) }, error };
  }
}
