// What to tell a person when a server cannot be reached.
import { FetchmlError, isLoopbackHost } from "@fetchml/protocol";
import type { SocketFailure } from "./socket-failure.ts";

/** The error for a failure that needs no further question; a `refused` upgrade is asked about first. */
export function connectError(apiUrl: string, failure: SocketFailure): FetchmlError {
  switch (failure.kind) {
    case "refused":
      return notFetchml(apiUrl, `HTTP status ${failure.detail}`);
    case "not-http":
      return notFetchml(apiUrl, "it does not speak HTTP");
    case "no-hello":
      return notFetchml(apiUrl, `no hello within ${failure.detail}`);
    case "no-answer":
      return unreachable(apiUrl, `no answer within ${failure.detail}`, reachAdvice(apiUrl));
    case "tls":
      return unreachable(apiUrl, `the TLS handshake failed (${failure.detail})`, tlsAdvice(apiUrl));
    case "network":
      return unreachable(apiUrl, reasonOf(apiUrl, failure.detail), networkAdvice(apiUrl, failure));
  }
}

/** `Cannot reach FetchML at URL: why. What next` */
export function unreachable(apiUrl: string, why: string, advice: string): FetchmlError {
  return new FetchmlError("unreachable", `Cannot reach FetchML at ${apiUrl}: ${why}. ${advice}`);
}

/** The error for a port on which something else listens. */
export function notFetchml(apiUrl: string, sign: string): FetchmlError {
  return new FetchmlError(
    "not-fetchml",
    `Something answers at ${apiUrl}, but it is not FetchML (${sign}).\n` +
      "Port 9100 is also that of Prometheus node_exporter. " +
      `Check api_url, and what listens there: "ss -ltnp 'sport = :${portOf(apiUrl)}'"`,
  );
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "the connection was closed before an answer came",
  ETIMEDOUT: "no answer in time",
  EHOSTUNREACH: "no route to the host",
  ENETUNREACH: "the network is unreachable",
};

function reasonOf(apiUrl: string, code: string): string {
  if (isNameFailure(code)) return `the name "${new URL(apiUrl).hostname}" is not known`;
  return REASONS[code] ?? `the connection failed (${code})`;
}

function networkAdvice(apiUrl: string, failure: SocketFailure): string {
  if (isNameFailure(failure.detail)) return "Check worker_host and api_url, and your network";
  // What `ssh -L` does when nothing listens at its far end.
  if (failure.detail === "ECONNRESET" && isHere(apiUrl)) {
    return 'If that is an SSH tunnel: does the server run on the box? Try there "fetchml serve"';
  }
  return reachAdvice(apiUrl);
}

function reachAdvice(apiUrl: string): string {
  if (!isHere(apiUrl)) return "Is the box on, and is api_url its address?";
  return `Is the SSH tunnel up? Try "ssh -N -L ${portOf(apiUrl)}:localhost:9100 you@box"`;
}

function tlsAdvice(apiUrl: string): string {
  return `A server without TLS has an address with ws://; for a CA of your own set NODE_EXTRA_CA_CERTS. Try "openssl s_client -connect ${new URL(apiUrl).hostname}:${portOf(apiUrl)}"`;
}

function isNameFailure(code: string): boolean {
  return code === "ENOTFOUND" || code.startsWith("EAI_") || code.startsWith("DNS_");
}

function isHere(apiUrl: string): boolean {
  return isLoopbackHost(new URL(apiUrl).hostname);
}

function portOf(apiUrl: string): string {
  const url = new URL(apiUrl);
  if (url.port !== "") return url.port;
  return url.protocol === "wss:" ? "443" : "80";
}
