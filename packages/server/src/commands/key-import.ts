// `fetchml key import`: takes in a key that was issued before, from the key itself or from its id and hash.
import { API_KEY_ID_PATTERN, EXIT, FetchmlError, hashApiKey } from "@fetchml/protocol";
import { normaliseApiKey } from "@fetchml/protocol/pasted-key";
import { callAsAdmin } from "./admin-call.ts";
import type { Invocation } from "./invocation.ts";
import { keyState } from "./key-words.ts";
import { parseExpires, parseLabel } from "./key-options.ts";
import { refuseWholeKey, shownWord } from "./key-word.ts";
import { printJson, say } from "./output.ts";
import { parseUserName } from "./user-name.ts";

/** More than any key or hash with what was pasted around it. */
const LONGEST_INPUT = 4096;

interface Known {
  readonly id: string;
  readonly api_key_hash: string;
}

/** `fetchml key import USER --key-stdin | --id ID --hash-stdin`. */
export async function run({ flags, positionals: [typed = ""] }: Invocation): Promise<number> {
  const user = parseUserName(typed, (name) => `fetchml key import ${name} --key-stdin`);
  const validMs = parseExpires(flags["expires"]);
  const label = parseLabel(flags["label"]);
  const known = await readKnown(flags);
  const key = await callAsAdmin(flags, "key.import", {
    user,
    ...known,
    ...(label !== undefined && { label }),
    ...(validMs !== undefined && { valid_ms: validMs }),
  });
  if (flags["json"] === true) printJson(key);
  say(`Imported key ${key.id} for ${user}: ${keyState(key, Date.now())}.`);
  return EXIT.ok;
}

async function readKnown(flags: Invocation["flags"]): Promise<Known> {
  const { id } = flags;
  const byKey = flags["key-stdin"] === true;
  const byHash = flags["hash-stdin"] === true;
  if (byKey === byHash || byHash !== (typeof id === "string")) {
    throw new FetchmlError(
      "usage",
      "Give the key with --key-stdin, or its id and hash with --id ID --hash-stdin.\nExample: fetchml key import alice --id kpaz --hash-stdin < hash.txt",
    );
  }
  if (byKey) return fromKey(await readInput("key"));
  return fromHash(String(id), await readInput("hash"));
}

function fromKey(text: string): Known {
  const read = normaliseApiKey(text);
  if (read.ok) return { id: read.id, api_key_hash: hashApiKey(read.key) };
  throw new FetchmlError("usage", `Cannot import what came on stdin: ${read.message}`);
}

function fromHash(id: string, text: string): Known {
  if (!API_KEY_ID_PATTERN.test(id)) {
    refuseWholeKey(id, "the id of a key");
    throw new FetchmlError(
      "usage",
      `--id takes the four symbols after "fetchml_", not ${shownWord(id)}.`,
    );
  }
  const hash = text.trim().toLowerCase();
  if (/^[0-9a-f]{64}$/.test(hash)) return { id, api_key_hash: hash };
  const isKey = normaliseApiKey(text).ok;
  throw new FetchmlError(
    "usage",
    isKey
      ? "What came on stdin is the key itself, not its hash: use --key-stdin without --id."
      : "What came on stdin is not a hash: that is 64 of 0-9 and a-f, the field api_key_hash in Bitwarden.",
  );
}

async function readInput(what: "key" | "hash"): Promise<string> {
  if (process.stdin.isTTY) {
    throw new FetchmlError(
      "usage",
      `The ${what} comes on stdin, and this is a terminal, which would show it. Send it from a file or a command: … | fetchml key import …`,
    );
  }
  let text = "";
  const decoder = new TextDecoder();
  for await (const piece of Bun.stdin.stream()) {
    text += decoder.decode(piece, { stream: true });
    if (text.length > LONGEST_INPUT) {
      throw new FetchmlError("usage", `What came on stdin is far too long to be a ${what}.`);
    }
  }
  return text;
}
