// Which tunnel is wanted: from which port of this machine to which box, and what is found at its end.
import { parseWorkerHost, shellQuote, shortPath } from "@fetchml/client";
import { DEFAULT_PORT, FetchmlError, isLoopbackHost } from "@fetchml/protocol";

/** A tunnel to keep open. */
export interface TunnelPlan {
  /** What `ssh` is to connect to: `USER@HOST`, `HOST`, a `Host` of ssh_config, or `ssh://…`. */
  readonly box: string;
  readonly localPort: number;
  /** The port on the box where FetchML listens. */
  readonly remotePort: number;
  /** FetchML as it is reached through the tunnel. */
  readonly apiUrl: string;
  /** Whether `ml` goes that way without being told. */
  readonly isConfigured: boolean;
  /** Certificates to trust in place of the system's, for a `wss://` inside the tunnel. */
  readonly ca: string | null;
  /** Further words for `ssh`. They come first: of two values of an option `ssh` takes the first. */
  readonly sshOptions: readonly string[];
}

/** What was typed. */
export interface TunnelWish {
  /** `USER@HOST`; `null` where it is left to the config. */
  readonly box: string | null;
  readonly localPort: number | null;
  readonly remotePort: number | null;
  readonly sshOptions: readonly string[];
}

/** What the config says. */
export interface TunnelConfig {
  readonly apiUrl: string;
  readonly workerHost: string | null;
  readonly ca: string | null;
  readonly configPath: string;
}

/**
 * The tunnel that was asked for. Its end on this machine is the port of `api_url`, so that every other command finds it.
 *
 * @param home of the user, to name the config shortly
 * @throws FetchmlError `usage` when the box or the port of this machine cannot be told
 */
export function planTunnel(wish: TunnelWish, config: TunnelConfig, home: string): TunnelPlan {
  const box = wish.box ?? boxOf(config, shortPath(config.configPath, home));
  // A word that begins so would be an option of ssh, and a host that does no host.
  if (/^-|[\s\p{Cc}]/u.test(box) || /^(?:-|$)/.test(hostOf(box))) {
    throw new FetchmlError("usage", `${JSON.stringify(box)} is no USER@HOST.\n${EXAMPLE}`);
  }
  const url = new URL(config.apiUrl);
  const isHere = isLoopbackHost(url.hostname);
  if (!isHere && wish.localPort === null) throw noPortHere(config.apiUrl, box);
  const configured = Number(url.port || (url.protocol === "wss:" ? 443 : 80));
  const localPort = wish.localPort ?? configured;
  if (isHere) url.port = String(localPort);
  return {
    box,
    localPort,
    remotePort: wish.remotePort ?? DEFAULT_PORT,
    apiUrl: isHere ? url.href : `ws://localhost:${localPort}/ws`,
    isConfigured: isHere && localPort === configured,
    ca: config.ca,
    sshOptions: wish.sshOptions,
  };
}

function hostOf(box: string): string {
  const url = box.startsWith("ssh://") ? URL.parse(box) : null;
  return url === null ? box.slice(box.lastIndexOf("@") + 1) : url.hostname;
}

const EXAMPLE = 'For example: "ml tunnel you@box".';

function boxOf({ workerHost }: TunnelConfig, path: string): string {
  const box = workerHost === null ? null : parseWorkerHost(workerHost);
  if (workerHost !== null && box !== null && !isLoopbackHost(box.host)) return workerHost;
  throw new FetchmlError(
    "usage",
    `Cannot tell which box to open the tunnel to: worker_host in ${path} names no other machine.\n` +
      `Name the box, as in "ml tunnel you@box"; or write worker_host = "you@box" and an api_url of this machine there.`,
  );
}

function noPortHere(apiUrl: string, box: string): FetchmlError {
  return new FetchmlError(
    "usage",
    `Will not open a tunnel that ml would not use: api_url is ${apiUrl}, which is not this machine.\n` +
      `Set api_url = "ws://localhost:${DEFAULT_PORT}/ws", or choose a port: "ml tunnel ${shellQuote(box)} --local-port ${DEFAULT_PORT}".`,
  );
}
