// Refuses HTTP requests that should not have come, before anybody looks at a key.
import {
  FetchmlError,
  OLDEST_PROTOCOL_VERSION,
  PRODUCT_VERSION,
  PROTOCOL_HEADER,
  PROTOCOL_VERSION,
  redactApiKeys,
} from "@fetchml/protocol";

/**
 * Refuses a key in the address or in a cookie: both are written down on the way, by browsers, proxies and shells.
 * @throws FetchmlError invalid-request
 */
export function refuseStrayKey(request: Request): void {
  const cookie = request.headers.get("cookie") ?? "";
  const { url } = request;
  if ([url, unescaped(url), cookie].every((text) => redactApiKeys(text) === text)) return;
  throw new FetchmlError(
    "invalid-request",
    'An API key belongs into the header "Authorization: Bearer KEY", never into an address or a cookie.\nThat key may now stand in logs on the way: have it revoked and a new one issued.',
  );
}

/**
 * Refuses a request under a name that is not this server's, and one from a page of another site: any page may reach a
 * port of the machine that its browser runs on.
 * @param allowed names or addresses beside the loopback ones, in lower case, without ports.
 * @throws FetchmlError not-allowed
 */
export function checkHostAndOrigin(headers: Headers, allowed: readonly string[]): void {
  const host = headers.get("host")?.toLowerCase() ?? "";
  const name = URL.parse(`http://${host}`)?.hostname ?? "";
  if (!isPlainHost(host) || !(isLoopback(name) || allowed.includes(bare(name)))) {
    throw new FetchmlError(
      "not-allowed",
      `This server does not answer under the name ${JSON.stringify(host.slice(0, 80))}.\nThe admin can allow further names with "allowed_hosts" in the server's config.`,
    );
  }
  const origin = headers.get("origin");
  if (origin !== null && URL.parse(origin)?.host !== host) {
    throw new FetchmlError(
      "not-allowed",
      `Pages of ${JSON.stringify(origin.slice(0, 80))} may not talk to this server.`,
    );
  }
}

/**
 * Refuses a client of a protocol version that this server does not speak; one that names none is taken for a current one.
 * @throws FetchmlError protocol-mismatch, which says which side to upgrade
 */
export function checkProtocolVersion(headers: Headers): void {
  const said = headers.get(PROTOCOL_HEADER);
  if (said === null) return;
  const version = /^\d{1,9}$/.test(said) ? Number(said) : 0;
  if (version > PROTOCOL_VERSION) {
    throw mismatch(
      version,
      `The client speaks protocol ${version}; this server, FetchML ${PRODUCT_VERSION}, knows it up to ${PROTOCOL_VERSION}. Upgrade the server, or use an older "ml".`,
    );
  }
  if (version < OLDEST_PROTOCOL_VERSION) {
    throw mismatch(
      version,
      `The client speaks protocol ${said.slice(0, 20)}; this server, FetchML ${PRODUCT_VERSION}, knows it from ${OLDEST_PROTOCOL_VERSION} on. Upgrade "ml" to ${PRODUCT_VERSION}.`,
    );
  }
}

function mismatch(client: number, message: string): FetchmlError {
  return new FetchmlError("protocol-mismatch", message, {
    details: { client, oldest: OLDEST_PROTOCOL_VERSION, newest: PROTOCOL_VERSION },
  });
}

function unescaped(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    return url;
  }
}

/** A host and perhaps a port: no user, path or list of several, which `URL` would read something into. */
function isPlainHost(host: string): boolean {
  return /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/.test(host);
}

function isLoopback(name: string): boolean {
  return name === "localhost" || name === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(name);
}

function bare(name: string): string {
  return name.replace(/^\[|\]$/g, "");
}
