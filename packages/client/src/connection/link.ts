// A connection that is opened when it is first needed, shared while it lives, and opened anew after it was lost.
import type { Client, Endpoint } from "../client.ts";

/** The way to one server for the length of a command. */
export interface Link {
  /** The live connection, or a new one. @throws FetchmlError as `connect` does */
  client(): Promise<Client>;

  /** Closes the connection. Safe twice; a later {@link client} would open another. */
  close(): void;
}

/** A link to this server. Nothing is sent before the first {@link Link.client}. */
export function linkTo(endpoint: Endpoint): Link {
  let current: Promise<Client> | undefined;
  const forget = (one: Promise<Client>) => {
    if (current === one) current = undefined;
  };
  return {
    client() {
      if (current !== undefined) return current;
      const opening = open(endpoint);
      current = opening;
      opening.then(
        (client) => client.closed.then(() => forget(opening)),
        () => forget(opening),
      );
      return opening;
    },
    close() {
      const last = current;
      current = undefined;
      last?.then(
        (client) => client.close(),
        () => undefined,
      );
    },
  };
}

/** The code of the WebSocket is loaded only here: a command that only looks has no use for it. */
async function open(endpoint: Endpoint): Promise<Client> {
  const { connect } = await import("./connect.ts");
  return connect(endpoint);
}
