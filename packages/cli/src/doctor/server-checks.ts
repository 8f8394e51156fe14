// The checks that take an answer of the server: who it is, whom it takes me for, its version, its clock, how far it is.
import {
  httpUrlOf,
  linkTo,
  tunnelCommand,
  type Config,
  type Endpoint,
  type Link,
} from "@fetchml/client";
import {
  errorCodeEntry,
  EXIT,
  FetchmlError,
  formatDuration,
  isKeyEndNear,
  isLoopbackHost,
  PRODUCT_VERSION,
  timeLeftWords,
  type ErrorCode,
  type ServerStatus,
  type WhoAmI,
} from "@fetchml/protocol";
import { plainText } from "../render/plain-text.ts";
import { personWords } from "../render/status-text.ts";
import { failed, firstLine, ok, warning, type Check } from "./check.ts";

/** Whom to ask. */
export interface ServerWay {
  readonly config: Pick<Config, "apiUrl" | "workerHost">;
  readonly endpoint: Endpoint;
  /** Of this machine; epoch milliseconds. */
  readonly now: () => number;
  readonly platform: string;
}

/** Calls that the round-trip time is measured with; the middle one counts. */
const CALLS = 5;

/** From when on a difference of the clocks, or a round trip, is worth a warning. */
const WARN_SKEW_MS = 5_000;
const WARN_ROUND_TRIP_MS = 1_000;

/** Typed in a clone of FetchML, on the machine that has the older one of the two. */
const UPGRADE = "git pull && npm ci && npm run build";

/** Connects with the key, and makes all checks that the answers allow. */
export async function checkServer(way: ServerWay): Promise<readonly Check[]> {
  const link = linkTo(way.endpoint);
  try {
    return await ask(link, way);
  } catch (error) {
    if (error instanceof FetchmlError) return refusals(error, way);
    throw error;
  } finally {
    link.close();
  }
}

async function ask(link: Link, way: ServerWay): Promise<readonly Check[]> {
  const client = await link.client();
  const before = way.now();
  const status = await client.call("server.status", {});
  const skewMs = status.server.now - (before + way.now()) / 2;
  const trips: number[] = [];
  for (let call = 0; call < CALLS; call++) {
    const begun = performance.now();
    await client.call("user.whoami", {});
    trips.push(performance.now() - begun);
  }
  const tripMs = trips.toSorted((a, b) => a - b)[Math.floor(CALLS / 2)] ?? 0;
  const { me, server } = status;
  return [
    ok("server", `FetchML ${plainText(server.version)} at ${way.config.apiUrl}`, {
      api_url: way.config.apiUrl,
    }),
    ok("login", personWords(me), { user: me.user, role: me.role, key_id: me.key_id }),
    expiryCheck(me, server.now),
    versionCheck(server),
    clockCheck(skewMs, way.platform),
    roundTripCheck(tripMs, way.config.apiUrl),
  ];
}

function expiryCheck({ key_expires_at: endsAt }: WhoAmI, now: number): Check {
  const facts = { expires_at: endsAt };
  if (endsAt === null) return ok("expiry", "the key never expires", facts);
  const message = `the key has ${timeLeftWords(endsAt - now)}`;
  if (endsAt > now && !isKeyEndNear(endsAt, now)) return ok("expiry", message, facts);
  return warning("expiry", { message, fix: "ml key rotate", facts });
}

function versionCheck({ version }: ServerStatus["server"]): Check {
  const facts = { client_version: PRODUCT_VERSION, server_version: version };
  if (version === PRODUCT_VERSION) return ok("version", `ml and the server are ${version}`, facts);
  const message = `ml is ${PRODUCT_VERSION} and the server ${plainText(version)}: they understand each other, but the older one lacks something`;
  return warning("version", { message, fix: UPGRADE, facts });
}

function clockCheck(skewMs: number, platform: string): Check {
  const facts = { skew_ms: Math.round(skewMs) };
  const off = Math.abs(skewMs);
  if (off < WARN_SKEW_MS) {
    return ok("clock", `within ${Math.ceil(off / 1000)} s of the server's`, facts);
  }
  const message = `this machine's clock is ${formatDuration(off)} ${skewMs > 0 ? "behind" : "ahead of"} the server's; one of the two is wrong`;
  return warning("clock", { message, fix: SET_CLOCK[platform] ?? SET_CLOCK_LINUX, facts });
}

const SET_CLOCK_LINUX = "sudo timedatectl set-ntp true";

const SET_CLOCK: Readonly<Record<string, string>> = {
  darwin: "sudo sntp -sS time.apple.com",
  win32: "w32tm /resync",
};

function roundTripCheck(tripMs: number, apiUrl: string): Check {
  const facts = { round_trip_ms: Math.round(tripMs * 10) / 10 };
  const shown = tripMs < 10 ? tripMs.toFixed(1) : Math.round(tripMs);
  if (tripMs < WARN_ROUND_TRIP_MS) return ok("round-trip", `${shown} ms`, facts);
  const message = `${shown} ms: every command takes seconds`;
  return warning("round-trip", { message, fix: `ping -c 5 ${new URL(apiUrl).hostname}`, facts });
}

/** What a connection that came to nothing tells all the same. */
function refusals(error: FetchmlError, { config }: ServerWay): readonly Check[] {
  const { apiUrl } = config;
  const message = firstSentence(error);
  const { code } = error;
  const answers = ok("server", `FetchML answers at ${apiUrl}`, { api_url: apiUrl });
  if (code === "protocol-mismatch") {
    const versions = error.message.split("\n").slice(1).join(" ");
    return [answers, failed("version", { message: versions, fix: UPGRADE })];
  }
  if (code === "key-expired") return [answers, failed("expiry", { message, fix: "ml login" })];
  if (code === "too-many-failures") {
    return [answers, failed("login", { message, fix: "sleep 60 && ml doctor" })];
  }
  const fix = serverFix(code, config);
  if (fix !== null) return [failed("server", { message, fix, facts: { api_url: apiUrl } })];
  return [answers, failed("login", { message, fix: "ml login" })];
}

/** What mends a server that cannot be worked with; `null` where the trouble is the key's. */
function serverFix(code: ErrorCode, { apiUrl, workerHost }: ServerWay["config"]): string | null {
  const onBox = tunnelCommand(workerHost).replace("ml tunnel", "ssh -t");
  const { hostname, port } = new URL(apiUrl);
  if (code === "not-fetchml") return `ss -ltnp 'sport = :${port || "443"}'`;
  if (code === "shutting-down") return "sleep 10 && ml doctor";
  // The name under which it was asked: the server has a list of those.
  if (code === "not-allowed") return `${onBox} sudoedit /etc/fetchml/config.toml`;
  if (code === "unreachable") {
    return isLoopbackHost(hostname)
      ? // Not "serve": where a service keeps the data, that would be a second server, which knows no key.
        `${onBox} fetchml doctor`
      : `curl -i ${httpUrlOf(apiUrl)}/healthz`;
  }
  return errorCodeEntry(code).exit === EXIT.key ? null : "ml status --debug";
}

/** What is wrong, without the advice after it, which `fix` takes the place of. */
function firstSentence(error: FetchmlError): string {
  return firstLine(error)
    .replace(/\. .*$/, "")
    .replace(/\.$/, "");
}
