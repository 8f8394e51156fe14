// `fetchml key …`: issue, list and revoke API keys.
import { EXIT, FetchmlError, isKeyOver, type ApiKey, type IssuedKey } from "@fetchml/protocol";
import { asAdmin, callAsAdmin, type AdminCall } from "./admin-call.ts";
import type { Invocation } from "./invocation.ts";
import { parseExpires, parseLabel, parseTarget } from "./key-options.ts";
import { endWarning, keyState } from "./key-words.ts";
import { printJson, printTable, say, shownTime } from "./output.ts";
import { closedSentence } from "./user.ts";
import { parseUserName } from "./user-name.ts";

/** `fetchml key issue USER`: the key alone on stdout, advice on stderr. */
export async function issueKey({ flags, positionals: [typed = ""] }: Invocation): Promise<number> {
  const user = parseUserName(typed, (name) => `fetchml key issue ${name}`);
  const validMs = parseExpires(flags["expires"]);
  // Before the key is made: a key that was made and not shown would only have to be revoked.
  const isSpoken = wantsSpoken(flags);
  const label = parseLabel(flags["label"]);
  const issued = await callAsAdmin(flags, "key.issue", {
    user,
    ...(label !== undefined && { label }),
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
  const way = isSpoken
    ? `Read it out to ${user} on a call; ${user} types "ml login" and then the letters and digits.`
    : `Give it to ${user} by Bitwarden or a direct message; ${user} types "ml login" and pastes it.`;
  say(`${isSpoken ? "\n" : ""}Key ${issued.id} for ${user}, shown this once, ${until}.
${way}
If it gets into wrong hands: fetchml key revoke ${issued.id}`);
  return EXIT.ok;
}

/** `fetchml key list [USER]`. */
export async function listKeys({ flags, positionals: [typed] }: Invocation): Promise<number> {
  const user =
    typed === undefined ? undefined : parseUserName(typed, (name) => `fetchml key list ${name}`);
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
  const target = parseTarget(id, flags["user"], "revoke");
  const cancelJobs = flags["cancel-jobs"] === true;
  const { revoked, left } = await asAdmin(flags, async (call) => {
    const done = await call("key.revoke", { ...target, cancel_jobs: cancelJobs });
    return { revoked: done, left: await successorsLeft(call, done.keys) };
  });
  if (flags["json"] === true) printJson(revoked);
  const ids = revoked.keys.map((key) => key.id).join(", ");
  say(
    ids === ""
      ? "There was no valid key to revoke."
      : `Revoked ${ids}. ${closedSentence(revoked.closed_connections)}`,
  );
  if (cancelJobs) say(cancelledSentence(revoked.cancelled_jobs, revoked.cancelled_count));
  for (const { id: successor, of } of left) {
    say(
      `${successor} has taken the place of ${of} and was not revoked. If it is not in the right hands: fetchml key revoke ${successor}`,
    );
  }
  return EXIT.ok;
}

/** The keys that have taken the place of revoked ones and still work. */
async function successorsLeft(
  call: AdminCall,
  revoked: readonly ApiKey[],
): Promise<readonly { readonly id: string; readonly of: string }[]> {
  const replaced = revoked.filter((key) => key.superseded_by !== null);
  const [first] = replaced;
  if (first === undefined) return [];
  const { keys } = await call("key.list", { user: first.user });
  return replaced.flatMap(({ id: of, superseded_by: successor }) =>
    keys
      .filter((key) => key.id === successor && !isKeyOver(key, Date.now()))
      .map(({ id }) => ({ id, of })),
  );
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

/** @param ids the first of them */
function cancelledSentence(ids: readonly number[], count: number): string {
  if (count === 0) return "There were no unfinished jobs to cancel.";
  const jobs = count === 1 ? "job" : `${count} jobs:`;
  return `Cancelled ${jobs} ${ids.slice(0, 20).join(" ")}${count > 20 ? " …" : ""}.`;
}
