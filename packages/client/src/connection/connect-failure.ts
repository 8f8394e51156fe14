// What to tell a person when a server cannot be reached.
import { FetchmlError, isLoopbackHost } from "@fetchml/protocol";
import type { Endpoint } from "../client.ts";
import { shellQuote } from "../config/shell-quote.ts";
import { parseWorkerHost } from "../config/worker-host.ts";
import type { SocketFailure } from "./socket-failure.ts";
import { tlsWords } from "./tls-failure.ts";

/** Where it was tried. */
export type TriedPlace = Pick<Endpoint, "apiUrl" | "ca" | "workerHost">;

/** The error for a failure that needs no further question; a `refused` upgrade is asked about first. */
export function connectError(place: TriedPlace, failure: SocketFailure): FetchmlError {
  const { apiUrl } = place;
  switch (failure.kind) {
    case "refused":
      return notFetchml(apiUrl, `HTTP status ${failure.detail}`);
    case "not-http":
      return notFetchml(apiUrl, "it does not speak HTTP");
    case "no-hello":
      return notFetchml(apiUrl, `no hello within ${failure.detail}`);
    case "no-answer":
      return unreachable(apiUrl, `no answer within ${failure.detail}`, reachAdvice(place));
    case "tls":
      return tlsError(place, failure.detail);
    case "network":
      return unreachable(apiUrl, reasonOf(apiUrl, failure.detail), networkAdvice(place, failure));
  }
}

/** `Cannot reach FetchML at URL: why. What next` */
export function unreachable(apiUrl: string, why: string, advice: string): FetchmlError {
  return new FetchmlError("unreachable", `Cannot reach FetchML at ${apiUrl}: ${why}. ${advice}`);
}

/** What opens the tunnel to the box that `worker_host` names, where that is another machine. */
export function tunnelCommand(workerHost: string | null): string {
  const box = workerHost === null ? undefined : parseWorkerHost(workerHost);
  const isKnown = box !== undefined && box !== null && !isLoopbackHost(box.host);
  return `ml tunnel ${isKnown ? shellQuote(workerHost ?? "") : "you@box"}`;
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

function networkAdvice(place: TriedPlace, failure: SocketFailure): string {
  if (isNameFailure(failure.detail)) return "Check worker_host and api_url, and your network";
  // What `ssh -L` does when nothing listens at its far end.
  if (failure.detail === "ECONNRESET" && isHere(place.apiUrl)) {
    return 'If that is an SSH tunnel: does the server run on the box? Try there "fetchml doctor"';
  }
  return reachAdvice(place);
}

function reachAdvice({ apiUrl, workerHost }: TriedPlace): string {
  if (!isHere(apiUrl)) return "Is the box on, and is api_url its address?";
  return `Is the SSH tunnel up? Try "${tunnelCommand(workerHost ?? null)}"`;
}

function tlsError({ apiUrl, ca }: TriedPlace, detail: string): FetchmlError {
  const place = { host: new URL(apiUrl).hostname, port: portOf(apiUrl), hasOwnCa: Boolean(ca) };
  const { why, advice } = tlsWords(detail, place);
  return new FetchmlError("unreachable", `Cannot reach FetchML at ${apiUrl}: ${why}.\n${advice}`);
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
