// `fetchml key …`: issue, list and revoke API keys.
import { EXIT, FetchmlError, type ApiKey, type IssuedKey } from "@fetchml/protocol";
import { callAsAdmin } from "./admin-call.ts";
import type { Invocation } from "./invocation.ts";
import { parseExpires, parseTarget } from "./key-options.ts";
import { endWarning, keyState } from "./key-words.ts";
import { printJson, printTable, say, shownTime } from "./output.ts";
import { closedSentence } from "./user.ts";

/** `fetchml key issue USER`: the key alone on stdout, advice on stderr. */
export async function issueKey({ flags, positionals: [user = ""] }: Invocation): Promise<number> {
  const validMs = parseExpires(flags["expires"]);
  // Before the key is made: a key that was made and not shown would only have to be revoked.
  const isSpoken = wantsSpoken(flags);
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
  process.stdout.write(`${isSpoken ? await spoken(issued) : issued.api_key}\n`);
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
  const warning = endWarning(keys, Date.now());
  if (warning !== null) say(warning);
  return EXIT.ok;
}

/** `fetchml key revoke ID | --user USER [--cancel-jobs]`. */
export async function revokeKey({ flags, positionals: [id] }: Invocation): Promise<number> {
  const revoked = await callAsAdmin(flags, "key.revoke", {
    ...parseTarget(id, flags["user"]),
    cancel_jobs: flags["cancel-jobs"] === true,
  });
  if (flags["json"] === true) printJson(revoked);
  const ids = revoked.keys.map((key) => key.id).join(", ");
  say(
    ids === ""
      ? "There was no valid key to revoke."
      : `Revoked ${ids}. ${closedSentence(revoked.closed_connections)}`,
  );
  if (flags["cancel-jobs"] === true) say(cancelledSentence(revoked.cancelled_jobs));
  for (const key of revoked.keys) {
    if (
      key.superseded_by === null ||
      revoked.keys.some(({ id: each }) => each === key.superseded_by)
    )
      continue;
    say(
      `${key.superseded_by} has taken the place of ${key.id} and was not revoked. If it is not in the right hands: fetchml key revoke ${key.superseded_by}`,
    );
  }
  return EXIT.ok;
}

function keyCells(key: ApiKey, now: number): readonly string[] {
  const used =
    key.last_used_at === null
      ? "never"
      : `${shownTime(key.last_used_at)} from ${key.last_used_address ?? "?"}`;
  return [key.id, key.user, key.label ?? "", shownTime(key.created_at), keyState(key, now), used];
}

function wantsSpoken(flags: Invocation["flags"]): boolean {
  if (flags["spoken"] !== true) return false;
  if (flags["json"] === true) {
    throw new FetchmlError(
      "usage",
      "--spoken is for a person and --json for a program: give one of the two.",
    );
  }
  if (process.stdout.isTTY || flags["force"] === true) return true;
  throw new FetchmlError(
    "usage",
    "--spoken is for reading out from a terminal, and stdout is none: the words would stay in a file. No key was made.\nWithout --spoken the key alone is printed; --force prints the words all the same.",
  );
}

async function spoken({ api_key: key }: IssuedKey): Promise<string> {
  const { formatSpokenApiKey } = await import("@fetchml/protocol/pasted-key");
  return formatSpokenApiKey(key);
}

function cancelledSentence(ids: readonly number[]): string {
  if (ids.length === 0) return "There were no unfinished jobs to cancel.";
  const jobs = ids.length === 1 ? "job" : `${ids.length} jobs:`;
  return `Cancelled ${jobs} ${ids.slice(0, 20).join(" ")}${ids.length > 20 ? " …" : ""}.`;
}
