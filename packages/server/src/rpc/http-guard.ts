// Refuses HTTP requests that should not have come, before anybody looks at a key.
import {
  FetchmlError,
  isLoopbackHost,
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
  const texts = [request.url, cookie].flatMap((text) => [text, unescaped(text)]);
  if (texts.every((text) => redactApiKeys(text) === text)) return;
  throw new FetchmlError(
    "invalid-request",
    'An API key belongs into the header "Authorization: Bearer KEY", never into an address or a cookie.\nThat key may now stand in logs on the way: have it revoked and a new one issued.',
  );
}

/**
 * Refuses a request under a name that is not this server's, and one from a page of another site: any page may reach a
 * port of the machine that its browser runs on. One that names no host at all, as of HTTP/1.0, comes from no browser.
 * @param allowed names or addresses beside the loopback ones, in lower case, without ports.
 * @throws FetchmlError not-allowed
 */
export function checkHostAndOrigin(headers: Headers, allowed: readonly string[]): void {
  const host = headers.get("host")?.toLowerCase() ?? null;
  if (host !== null && !isOwnName(host, allowed)) {
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

/** Each escape by itself: a key is plain ASCII, and a broken escape elsewhere must not hide it. */
function unescaped(text: string): string {
  return text.replace(/%[0-7][0-9a-f]/gi, decodeURIComponent);
}

function isOwnName(host: string, allowed: readonly string[]): boolean {
  const name = URL.parse(`http://${host}`)?.hostname ?? "";
  return isPlainHost(host) && (isLoopbackHost(name) || allowed.includes(bare(name)));
}

/** A host and perhaps a port: no user, path or list of several, which `URL` would read something into. */
function isPlainHost(host: string): boolean {
  return /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/.test(host);
}

function bare(name: string): string {
  return name.replace(/^\[|\]$/g, "");
}
