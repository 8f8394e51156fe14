// `fetchml key rotate`: a new key in place of another.
import { EXIT, FetchmlError, isKeyOver, parseDuration, type ApiKey } from "@fetchml/protocol";
import { callAsAdmin } from "./admin-call.ts";
import type { Invocation } from "./invocation.ts";
import { parseTarget } from "./key-options.ts";
import { printJson, say, shownTime } from "./output.ts";
import { closedSentence } from "./user.ts";

const LONGEST_GRACE_MS = 30 * 86_400_000;

/** `fetchml key rotate ID | --user USER`: the new key alone on stdout, advice on stderr. */
export async function run({ flags, positionals: [id] }: Invocation): Promise<number> {
  const target = parseTarget(id, flags["user"], "rotate");
  const leaked = flags["leaked"] === true;
  const graceMs = parseGrace(flags["grace"], leaked);
  const rotated = await callAsAdmin(flags, "key.rotate", {
    ...target,
    leaked,
    ...(graceMs !== undefined && { grace_ms: graceMs }),
  });
  if (flags["json"] === true) {
    printJson(rotated);
    return EXIT.ok;
  }
  process.stdout.write(`${rotated.api_key}\n`);
  const { old, user } = rotated;
  say(`Key ${rotated.id} for ${user}, shown this once, takes the place of ${old.id}. ${fateOf(old, rotated.closed_connections)}
Give it to ${user} by Bitwarden or a direct message; ${user} types "ml login" and pastes it.`);
  return EXIT.ok;
}

/** What has become of the key in whose place the new one is, in a sentence or two. */
function fateOf(old: ApiKey, closedConnections: number): string {
  const closed = closedSentence(closedConnections);
  if (old.revoked_at !== null) return `${old.id} is revoked. ${closed}`;
  if (old.valid_until === null || isKeyOver(old, Date.now()))
    return `${old.id} has ended. ${closed}`;
  const stays = `${old.id} works until ${shownTime(old.valid_until)}.`;
  return closedConnections === 0 ? stays : `${stays} The key before it has ended: ${closed}`;
}

function parseGrace(text: string | boolean | undefined, leaked: boolean): number | undefined {
  if (typeof text !== "string") return undefined;
  if (leaked) {
    throw new FetchmlError(
      "usage",
      "--leaked ends the old key at once, so --grace does not go with it. Leave out one of the two.",
    );
  }
  const ms = parseDuration(text);
  if (ms !== null && ms <= LONGEST_GRACE_MS) return ms;
  throw new FetchmlError(
    "usage",
    `--grace takes a time such as 24h or 2d, from 0 to 30d; not ${JSON.stringify(text)}.`,
  );
}
