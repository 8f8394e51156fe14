// Leads a call through the method table: known, allowed, well formed, done.
import { FetchmlError, type MethodName } from "@fetchml/protocol";
import { METHODS } from "@fetchml/protocol/schemas";
import { authorize } from "../auth/authorize.ts";
import type { RpcContext } from "./context.ts";
import { HANDLERS } from "./handlers/all.ts";
import type { Caller } from "./handlers/handler.ts";
import { parseParams } from "./params.ts";

/**
 * Does a call and resolves with its result. Whoever may not make the call learns nothing of its parameters.
 * @throws FetchmlError method-not-found, not-allowed, invalid-params, and what the handler throws
 */
export async function dispatch(
  ctx: RpcContext,
  caller: Caller,
  request: { readonly method: string; readonly params: unknown },
): Promise<unknown> {
  const { method, params } = request;
  if (!isMethod(method)) throw unknownMethod(method);
  const began = performance.now();
  try {
    admit(ctx, caller, method);
    const result = await run(ctx, caller, { method, params });
    ctx.metrics?.answered(method, { ms: performance.now() - began });
    return result;
  } catch (error) {
    const code = error instanceof FetchmlError ? error.code : "internal-error";
    ctx.metrics?.answered(method, { ms: performance.now() - began, code });
    throw error;
  }
}

/** @throws FetchmlError not-allowed; what is for the admin on the box alone is audited when others try it */
function admit(ctx: RpcContext, { principal, address }: Caller, method: MethodName): void {
  const { access } = METHODS[method];
  try {
    authorize(principal, access, method);
  } catch (error) {
    if (access === "local" && principal.kind === "key") {
      const call = { action: method, address: address ?? "", reason: "not-allowed" } as const;
      ctx.authenticator.noteRefusedCall(principal, call);
    }
    throw error;
  }
}

function isMethod(name: string): name is MethodName {
  return Object.hasOwn(METHODS, name);
}

function run<M extends MethodName>(
  ctx: RpcContext,
  caller: Caller,
  { method, params }: { readonly method: M; readonly params: unknown },
): Promise<unknown> {
  return HANDLERS[method](ctx, caller, parseParams(method, params));
}

function unknownMethod(name: string): FetchmlError {
  return new FetchmlError(
    "method-not-found",
    `There is no method ${JSON.stringify(name.slice(0, 80))}. "rpc.discover" lists all there are.`,
  );
}
