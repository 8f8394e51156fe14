// What a handler is: it translates a call for the room that does the work, and nothing more.
import type { MethodName, ParamsOf, ResultOf } from "@fetchml/protocol";
import type { Principal } from "../../domain/principal.ts";
import type { RpcContext } from "../context.ts";
import type { Feed } from "../subscriptions.ts";

/** Who calls, and over what. */
export interface Caller {
  readonly principal: Principal;
  /** Where the call came from; `null` on the box's own socket. */
  readonly address: string | null;
  /** Where subscriptions send their news; `null` for a call that has one answer and no connection. */
  readonly feed: Feed | null;
}

/** Does one call whose access and parameters were checked. Throws FetchmlError for what the caller can mend. */
export type Handler<M extends MethodName> = (
  ctx: RpcContext,
  caller: Caller,
  params: ParamsOf<M>,
) => Promise<ResultOf<M>>;

/** The handlers of some methods: a missing one does not compile. */
export type Handlers<M extends MethodName = MethodName> = { readonly [Name in M]: Handler<Name> };
