// `fetchml key …`: issue, list and revoke API keys.
import { EXIT, FetchmlError, parseDuration, type ApiKey } from "@fetchml/protocol";
import { callAsAdmin } from "./admin-call.ts";
import type { Invocation } from "./invocation.ts";
import { printJson, printTable, say, shownTime } from "./output.ts";
import { closedSentence } from "./user.ts";

/** `fetchml key issue USER`: the key alone on stdout, advice on stderr. */
export async function issueKey({ flags, positionals: [user = ""] }: Invocation): Promise<number> {
  const validMs = parseExpires(flags["expires"]);
  const label = flags["label"];
  const issued = await callAsAdmin(flags, "key.issue", {
    user,
    ...(typeof label === "string" && { label }),
    ...(validMs !== undefined && { valid_ms: validMs }),
  });
  if (flags["json"] === true) {
    printJson(issued);
    return EXIT.ok;
  }
  process.stdout.write(`${issued.api_key}\n`);
  const until =
    issued.expires_at === null
      ? "and never expires"
      : `and is valid until ${shownTime(issued.expires_at)}`;
  say(`Key ${issued.id} for ${user}, shown this once, ${until}.
Give it to ${user} by Bitwarden or a direct message; ${user} types "ml login" and pastes it.
If it gets into wrong hands: fetchml key revoke ${issued.id}`);
  return EXIT.ok;
}

/** `fetchml key list [USER]`. */
export async function listKeys({ flags, positionals: [user] }: Invocation): Promise<number> {
  const { keys } = await callAsAdmin(flags, "key.list", user === undefined ? {} : { user });
  if (flags["json"] === true) {
    printJson(keys);
    return EXIT.ok;
  }
  if (keys.length === 0) say(`No keys yet. Issue one with: fetchml key issue ${user ?? "USER"}`);
  else
    printTable(
      ["ID", "USER", "LABEL", "CREATED", "STATE", "LAST USED"],
      keys.map((key) => keyCells(key, Date.now())),
    );
  return EXIT.ok;
}

/** `fetchml key revoke ID | --user USER`. */
export async function revokeKey({ flags, positionals: [id] }: Invocation): Promise<number> {
  const user = flags["user"];
  if ((id === undefined) === (typeof user !== "string")) {
    throw new FetchmlError(
      "usage",
      "Name one key by its id, or all keys of a user with --user USER.\nThe ids: fetchml key list",
    );
  }
  const target = typeof user === "string" ? { user } : { id: id ?? "" };
  const revoked = await callAsAdmin(flags, "key.revoke", target);
  if (flags["json"] === true) printJson(revoked);
  const ids = revoked.keys.map((key) => key.id).join(", ");
  say(
    ids === ""
      ? "There was no valid key to revoke."
      : `Revoked ${ids}. ${closedSentence(revoked.closed_connections)}`,
  );
  return EXIT.ok;
}

/** `undefined` leaves the default, `null` means never. */
function parseExpires(text: string | boolean | undefined): number | null | undefined {
  if (typeof text !== "string") return undefined;
  if (text === "never") return null;
  const ms = parseDuration(text);
  if (ms !== null && ms >= 60_000) return ms;
  throw new FetchmlError(
    "usage",
    `--expires takes a time such as 180d or 12h, at least a minute, or never; not ${JSON.stringify(text)}.`,
  );
}

function keyCells(key: ApiKey, now: number): readonly string[] {
  const used =
    key.last_used_at === null
      ? "never"
      : `${shownTime(key.last_used_at)} from ${key.last_used_address ?? "?"}`;
  return [key.id, key.user, key.label ?? "", shownTime(key.created_at), keyState(key, now), used];
}

function keyState(key: ApiKey, now: number): string {
  if (key.revoked_at !== null) return `revoked ${shownTime(key.revoked_at)}`;
  if (key.expires_at === null) return "never expires";
  return `${key.expires_at <= now ? "expired" : "until"} ${shownTime(key.expires_at)}`;
}
