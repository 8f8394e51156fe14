// Methods about the server and the caller.
import * as z from "zod/mini";
import { ServerLimits, ServerStatus, WhoAmI } from "../server-status.ts";
import type { Method } from "./method.ts";

/** The server and the caller. */
export const serverMethods = {
  "server.status": {
    summary: "Tell of the server, the caller, the box and the queue.",
    access: "viewer",
    params: z.object({}),
    result: ServerStatus,
  },
  "server.limits": {
    summary: "Tell how much the server takes at most.",
    access: "viewer",
    params: z.object({}),
    result: ServerLimits,
  },
  "user.whoami": {
    summary: "Tell who the caller is.",
    access: "viewer",
    params: z.object({}),
    result: WhoAmI,
  },
  "rpc.discover": {
    summary: "Answer the OpenRPC document of this API.",
    access: "viewer",
    params: z.object({}),
    result: z.record(z.string(), z.unknown()),
  },
} as const satisfies Record<string, Method>;
