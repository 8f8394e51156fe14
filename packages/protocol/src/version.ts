// Versions that both sides tell each other, and the headers that carry them.

/** Version of this release, as in package.json. */
export const PRODUCT_VERSION = "0.1.0";

/** Version of the wire protocol this release speaks. */
export const PROTOCOL_VERSION = 1;

/** Oldest protocol version a server of this release still answers. */
export const OLDEST_PROTOCOL_VERSION = 1;

/** Request header in which a client names its protocol version; a client that sends none is taken to speak the current one. */
export const PROTOCOL_HEADER = "fetchml-protocol";

/** Request header in which a client names itself, for example `ml/0.1.0 linux`. */
export const CLIENT_HEADER = "fetchml-client";

/** Response header by which every answer of a server can be told from another program's on the same port. */
export const SERVER_HEADER = "fetchml-server";

/** TCP port of the server unless configured otherwise. */
export const DEFAULT_PORT = 9100;
