// The address of a server: read from what a person wrote, and taken apart.
import { DEFAULT_PORT, isLoopbackHost } from "@fetchml/protocol";

/** An address that was understood. */
export interface ApiUrl {
  /** `ws://HOST:PORT/ws` or `wss://…/ws`, as it is connected to. */
  readonly apiUrl: string;
  /** The same server over HTTP, without a slash at the end: `http://HOST:PORT`. */
  readonly httpUrl: string;
  /** Scheme, host and port: what a key belongs to. */
  readonly origin: string;
  /** Whether what is sent can be read on the way: `ws://` to a host that is not this machine. */
  readonly isReadableOnTheWay: boolean;
}

/** An address, or the end of a sentence that says what is wrong. The problem never quotes the text: it may hold a key. */
export type ParsedApiUrl =
  { readonly ok: true; readonly url: ApiUrl } | { readonly ok: false; readonly problem: string };

/**
 * Reads an address as people write it. `http` and `https` are taken for `ws` and `wss`; a missing path is `/ws`; without
 * a scheme it is `wss`, and for this machine `ws` on port 9100.
 */
export function parseApiUrl(text: string): ParsedApiUrl {
  const trimmed = text.trim();
  if (trimmed === "") return wrong("is empty");
  const url = URL.parse(trimmed.includes("://") ? trimmed : withScheme(trimmed));
  if (url === null) return wrong(`is not an address like ${EXAMPLE}`);
  const scheme = SCHEMES[url.protocol];
  if (scheme === undefined) return wrong("must begin with ws:// or wss://");
  if (url.username !== "" || url.password !== "") return wrong("may hold no user name or password");
  if (url.search !== "" || url.hash !== "") return wrong('may hold no "?" and no "#"');
  if (url.pathname === "/") url.pathname = "/ws";
  if (!url.pathname.endsWith("/ws")) return wrong(`must end in /ws, as in ${EXAMPLE}`);
  const origin = `${scheme}://${url.host}`;
  const apiUrl = origin + url.pathname;
  const isReadableOnTheWay = scheme === "ws" && !isLoopbackHost(url.hostname);
  return {
    ok: true,
    url: { apiUrl, httpUrl: httpUrlOf(apiUrl), origin, isReadableOnTheWay },
  };
}

/** The HTTP address, without a slash at the end, of the server whose WebSocket is at `apiUrl`. */
export function httpUrlOf(apiUrl: string): string {
  const end = apiUrl.endsWith("/ws") ? -"/ws".length : undefined;
  return `http${apiUrl.slice("ws".length, end)}`;
}

const EXAMPLE = "ws://localhost:9100/ws";

const SCHEMES: Readonly<Record<string, "ws" | "wss">> = {
  "ws:": "ws",
  "wss:": "wss",
  "http:": "ws",
  "https:": "wss",
};

function withScheme(text: string): string {
  const host = URL.parse(`wss://${text}`)?.hostname ?? "";
  if (!isLoopbackHost(host)) return `wss://${text}`;
  return /:\d+(?:\/|$)/.test(text)
    ? `ws://${text}`
    : `ws://${text.replace(/(?=\/|$)/, `:${DEFAULT_PORT}`)}`;
}

function wrong(problem: string): ParsedApiUrl {
  return { ok: false, problem };
}
