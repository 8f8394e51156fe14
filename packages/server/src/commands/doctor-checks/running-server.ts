// What the running server says of itself, asked once for all checks.
import { FetchmlError, type ResultOf } from "@fetchml/protocol";
import { askServer } from "../admin-call.ts";

/** What a server says of itself. */
export type Status = ResultOf<"server.status">;

/** What came of asking it. */
export type Asked =
  | { readonly kind: "answers"; readonly status: Status }
  /** Nobody has the socket. */
  | { readonly kind: "absent" }
  /** Somebody has it and does not answer. `why` is a sentence for the person. */
  | { readonly kind: "mute"; readonly why: string };

/** More than a hundred times what an answer takes on one machine. */
const PATIENCE_MS = 3_000;

/** Asks the server of a data folder. */
export async function askStatus(dataDir: string): Promise<Asked> {
  try {
    const call = { method: "server.status", params: {}, timeoutMs: PATIENCE_MS };
    const answer = await askServer(dataDir, call);
    if (answer === null) return { kind: "absent" };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own server answers what the table says
    return { kind: "answers", status: answer.result as Status };
  } catch (error) {
    if (!(error instanceof FetchmlError)) throw error;
    return { kind: "mute", why: error.message.split("\n")[0] ?? "" };
  }
}
