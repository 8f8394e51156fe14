// Words on the command line that may hold a key, which must then not be shown again.
import { FetchmlError, keyIdOf, redactApiKeys } from "@fetchml/protocol";
import { normaliseApiKey } from "@fetchml/protocol/pasted-key";

/** Longer words are cut in what is said about them. */
const LONGEST_SHOWN = 40;

/** The word in quotes, cut where it is long; nothing of it where it may be a key or a part of one. */
export function shownWord(text: string): string {
  if (wholeKeyId(text) !== null || looksLikeKey(text)) return "What was typed";
  const shown = text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
  return JSON.stringify(shown);
}

/** The id of the key that a word is, however it was pasted; `null` when it is no whole key. */
export function wholeKeyId(text: string): string | null {
  const key = normaliseApiKey(text);
  return key.ok ? key.id : null;
}

/**
 * Refuses a whole key, or what was meant to be one, in another's place: it is in the shell's history by now.
 * @param place what belongs there, such as `the name of a user`
 * @throws FetchmlError usage
 */
export function refuseWholeKey(text: string, place: string): void {
  const id = wholeKeyId(text);
  if (id === null && !looksLikeKey(text)) return;
  const key = id === null ? "an API key, or a part of one" : `the API key ${id}`;
  throw new FetchmlError(
    "usage",
    `Nothing was done: ${key} stands where ${place} belongs, and is in your shell's history now.\nTreat it as leaked: fetchml key rotate ${id ?? keyIdOf(text) ?? "ID"} --leaked`,
  );
}

function looksLikeKey(text: string): boolean {
  return redactApiKeys(text) !== text;
}
