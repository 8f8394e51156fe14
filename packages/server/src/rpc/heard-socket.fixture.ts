// A WebSocket that goes nowhere and notes what is done with it.
import { readKeyEnd } from "@fetchml/protocol";
import type { ServerSocket } from "./socket.ts";

/** The socket, and what was done with it in order: `send METHOD`, `ping`, `close CODE`, `close 4401 WHY`, `terminate`. */
export function heardSocket(): { readonly ws: ServerSocket; readonly heard: readonly string[] } {
  const heard: string[] = [];
  const ws = {
    cork: (send: (self: unknown) => void) => send(ws),
    send: (text: string) => heard.push(`send ${(JSON.parse(text) as { method: string }).method}`),
    ping: () => heard.push("ping"),
    close: (code: number, reason: string) =>
      heard.push(["close", code, readKeyEnd(reason).why ?? []].flat().join(" ")),
    terminate: () => heard.push("terminate"),
    getBufferedAmount: () => 0,
  };
  return { ws: ws as unknown as ServerSocket, heard };
}
