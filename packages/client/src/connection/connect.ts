// Connects to a server, or says in words why not.
import type { MethodName, ParamsOf, ResultOf } from "@fetchml/protocol";
import type { Client, Endpoint } from "../client.ts";
import { connectError } from "./connect-failure.ts";
import { Connection } from "./connection.ts";
import { whyRefused } from "./refused-upgrade.ts";
import { SocketFailure } from "./socket-failure.ts";

/** Time for the one question after a refused upgrade. */
const ASK_TIMEOUT_MS = 5000;

/**
 * Opens a connection and waits for the server's hello, which comes with the upgrade: one round trip in all.
 *
 * @throws FetchmlError `unreachable` or `not-fetchml`; `key-…`, `not-allowed` or `too-many-failures` when the key is
 *   refused; `protocol-mismatch`
 */
export async function connect(endpoint: Endpoint): Promise<Client> {
  const connection = new Connection(endpoint);
  try {
    await connection.ready;
    return connection;
  } catch (error) {
    if (!(error instanceof SocketFailure)) throw error;
    if (error.kind === "refused") throw await whyRefused(endpoint, ASK_TIMEOUT_MS);
    throw connectError(endpoint, error);
  }
}

/** Connects, makes one call, and closes the connection. @throws FetchmlError as {@link connect} and the call do */
export async function callOnce<M extends MethodName>(
  endpoint: Endpoint,
  method: M,
  params: ParamsOf<M>,
): Promise<ResultOf<M>> {
  const client = await connect(endpoint);
  try {
    return await client.call(method, params);
  } finally {
    client.close();
  }
}
