// One listening door of the server: who comes in through it, and what it leads to.
import { CLIENT_HEADER } from "@fetchml/protocol";
import type { Principal } from "../domain/principal.ts";
import type { TrustedProxies } from "./client-address.ts";
import { shuttingDown } from "./connection-end.ts";
import type { RpcContext } from "./context.ts";
import { checkProtocolVersion } from "./http-guard.ts";
import type { SentHashes } from "./sent-hashes.ts";
import type { RpcSocket, SocketOwner } from "./socket.ts";
import type { SocketSet } from "./socket-set.ts";
import type { Transfers } from "./transfer.ts";
import type { UserTurns } from "./user-turns.ts";

/** Seconds after which a connection is closed on which nothing happens, once it is known whose it is. */
const KNOWN_IDLE_S = 60;

/** Bun's server, with the connections of this program on it. */
export type BunServer = Bun.Server<RpcSocket>;

/** What the requests that come in through one listening socket work with. */
export interface Door {
  readonly ctx: RpcContext;
  readonly sockets: SocketSet;
  readonly transfers: Transfers;
  readonly uploadTurns: UserTurns;
  /** Turns for downloads of code. */
  readonly codeTurns: UserTurns;
  readonly sentHashes: SentHashes;
  /** `network`: callers show keys. `box`: whoever can open the socket is the admin of that name. */
  readonly from:
    | {
        readonly kind: "network";
        readonly allowedHosts: readonly string[];
        readonly proxies: TrustedProxies;
      }
    | { readonly kind: "box"; readonly user: string };
  /** Whether the server is on its way down and takes no new work. */
  isClosing(): boolean;
}

/**
 * Tells who sends a request. One function for the upgrade, for calls and for transfers.
 * @throws FetchmlError shutting-down, protocol-mismatch, and those of the key
 */
export async function identify(
  door: Door,
  request: Request,
  server: BunServer,
): Promise<SocketOwner> {
  if (door.isClosing()) throw shuttingDown();
  const { headers } = request;
  checkProtocolVersion(headers);
  const client = headers.get(CLIENT_HEADER);
  if (door.from.kind === "box") {
    server.timeout(request, KNOWN_IDLE_S);
    const principal: Principal = { kind: "local", user: door.from.user };
    return { principal, address: null, client };
  }
  const peer = server.requestIP(request)?.address ?? "unknown";
  const address = door.from.proxies.clientOf(peer, headers.get("x-forwarded-for"));
  const authorization = headers.get("authorization");
  const principal = await door.ctx.authenticator.authenticate({ authorization, address, client });
  server.timeout(request, KNOWN_IDLE_S);
  return { principal, address, client };
}
