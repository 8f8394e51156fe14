// The checks of the way to the server: does anything answer there, and can anybody on the way read along.
import { shellQuote, tunnelCommand } from "@fetchml/client";
import { formatDuration, isLoopbackHost } from "@fetchml/protocol";
import type { Environment } from "../environment.ts";
import { failed, ok, warning, type Check } from "./check.ts";
import { editCommand } from "./config-check.ts";
import { probeCertificate, probePort } from "./probe.ts";

/** Where the way leads. */
export interface Way {
  /** `ws://…/ws` or `wss://…/ws`. */
  readonly apiUrl: string;
  readonly configPath: string;
  /** As in the config; for the command that opens the tunnel. */
  readonly workerHost: string | null;
  /** Certificates to trust in place of the system's authorities, as PEM. */
  readonly ca: string | null;
}

/** A certificate that ends sooner is worth a warning: what renews itself does so 30 days before the end. */
const WARN_LEFT_MS = 14 * 86_400_000;

/** Connects to the port and says what answers. Sends nothing. */
export async function checkTunnel(way: Way, environment: Environment): Promise<Check> {
  const { host, port, isHere } = placeOf(way);
  const facts = { host, port };
  const trouble = await probePort({ host, port });
  if (trouble === null) {
    const message = isHere
      ? `port ${port} of this machine answers`
      : `not used: ${host} answers on port ${port}`;
    return ok("tunnel", message, facts);
  }
  if (isHere) {
    const message = `nothing answers on port ${port} of this machine (${trouble}): the SSH tunnel is down`;
    return failed("tunnel", { message, fix: tunnelCommand(way.workerHost), facts });
  }
  const isUnknown = /^(?:ENOTFOUND|EAI_|DNS_)/.test(trouble);
  return failed("tunnel", {
    message: isUnknown
      ? `the name ${host} is not known (${trouble})`
      : `${host} does not answer on port ${port} (${trouble})`,
    fix: isUnknown ? editCommand(way.configPath, environment) : `ping -c 3 ${shellQuote(host)}`,
    facts,
  });
}

/** Checks the certificate as every connection does, or that the way needs none. Sends no key. */
export async function checkTls(way: Way, { variables, now }: Environment): Promise<Check> {
  const { host, port, isHere, isTls } = placeOf(way);
  if (!isTls && isHere) return ok("tls", "not needed to this machine, nor inside a tunnel");
  if (!isTls) {
    const message = `${way.apiUrl} is readable by everybody on the way, the key too`;
    const fix = `ml login wss://${host}/ws`;
    const isAllowed = variables["ML_ALLOW_PLAINTEXT_KEY"] === "1";
    return isAllowed ? warning("tls", { message, fix }) : failed("tls", { message, fix });
  }
  const seen = await probeCertificate({ host, port, ca: way.ca });
  if ("trouble" in seen) {
    const fix = fixOfTls(seen.trouble, { host, port });
    return failed("tls", { message: `no TLS to ${host}: ${seen.trouble}`, fix });
  }
  const leftMs = Math.max(0, seen.validTo - now());
  const left = formatDuration(leftMs);
  const facts = { certificate_ends_at: seen.validTo, own_authority: way.ca !== null };
  if (leftMs > WARN_LEFT_MS) {
    const by = way.ca === null ? "" : ", and signed by the authority of your CA file";
    return ok("tls", `the certificate of ${host} is good for another ${left}${by}`, facts);
  }
  const message = `the certificate of ${host} ends in ${left}; its admin has to renew it`;
  return warning("tls", { message, fix: `ssh ${shellQuote(host)} sudo certbot renew`, facts });
}

function placeOf({ apiUrl }: Way) {
  const { hostname, port, protocol } = new URL(apiUrl);
  const isTls = protocol === "wss:";
  return {
    host: hostname.replace(/^\[|\]$/g, ""),
    port: Number(port || (isTls ? 443 : 80)),
    isTls,
    isHere: isLoopbackHost(hostname),
  };
}

function fixOfTls(
  trouble: string,
  { host, port }: { readonly host: string; readonly port: number },
): string {
  if (trouble === "CERT_HAS_EXPIRED") return `ssh ${shellQuote(host)} sudo certbot renew`;
  if (UNTRUSTED.test(trouble)) return "export ML_CA_FILE=ca.pem";
  return `openssl s_client -connect ${shellQuote(`${host}:${port}`)}`;
}

/** A certificate that nobody known has signed, as a box with a CA of its own has it. */
const UNTRUSTED = /SELF_SIGNED|UNABLE_TO_(?:GET_ISSUER|VERIFY)/;
