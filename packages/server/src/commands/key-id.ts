// The id of a key as the admin types it, or pastes it with the rest of the key around it.
import { API_KEY_ID_PATTERN, FetchmlError, USER_NAME } from "@fetchml/protocol";
import { refuseWholeKey, shownWord, wholeKeyId } from "./key-word.ts";
import { say } from "./output.ts";

/** What is to be done with the key. */
export type KeyVerb = "revoke" | "rotate";

/**
 * The id. Of a whole key that is to be revoked its id is taken: that ends what has just come into the shell's history.
 * @throws FetchmlError usage, with what to type instead
 */
export function parseKeyId(text: string, verb: KeyVerb): string {
  if (API_KEY_ID_PATTERN.test(text)) return text;
  const id = wholeKeyId(text);
  if (id !== null && verb === "revoke") {
    say("That is the whole key, and in your shell's history now. It is revoked by its id.");
    return id;
  }
  if (id !== null) refuseWholeKey(text, "the id of a key");
  const near = nearestId(text);
  throw new FetchmlError(
    "usage",
    `${shownWord(text)} is not the id of a key: that is the four symbols after "fetchml_", as in "fetchml key list".${near === null ? nextFor(text, verb) : `\nTry: fetchml key ${verb} ${near}`}`,
  );
}

/** The id that was meant by one in capitals, with look-alike letters, or with more of the key around it. */
function nearestId(text: string): string | null {
  const small = text.trim().toLowerCase().replaceAll("o", "0").replace(/[il]/g, "1");
  // "fetchml_", its letters replaced as all others.
  const id = small.startsWith("fetchm1_") ? small.slice(8, 12) : small;
  return API_KEY_ID_PATTERN.test(id) ? id : null;
}

function nextFor(text: string, verb: KeyVerb): string {
  if (!USER_NAME.test(text) || text.startsWith("fetchml")) return "";
  return `\nIf that is a user: fetchml key ${verb} --user ${text}`;
}
