// The end of a connection as a promise that work can race against.
import { FetchmlError } from "@fetchml/protocol";
import type { Client } from "../client.ts";

/** Rejects when the connection ends, with the reason; never resolves. */
export async function lossOf(client: Client): Promise<never> {
  const error = await client.closed;
  throw error ?? new FetchmlError("unreachable", "The connection to FetchML was closed.");
}
