// Options that several commands about keys share.
import {
  FetchmlError,
  KEY_LABEL,
  KEY_LABEL_RULE,
  LONGEST_KEY_LIFE_MS,
  parseDuration,
} from "@fetchml/protocol";
import { parseKeyId, type KeyVerb } from "./key-id.ts";
import { refuseWholeKey, shownWord } from "./key-word.ts";
import { parseUserName } from "./user-name.ts";

/** How long a key is valid, in milliseconds: `undefined` leaves the default, `null` means never. @throws FetchmlError usage */
export function parseExpires(text: string | boolean | undefined): number | null | undefined {
  if (typeof text !== "string") return undefined;
  if (text === "never") return null;
  const ms = parseDuration(text);
  if (ms !== null && ms >= 60_000 && ms <= LONGEST_KEY_LIFE_MS) return ms;
  throw new FetchmlError(
    "usage",
    `--expires takes a time such as 180d or 12h, from a minute to 100 years, or never; not ${JSON.stringify(text)}.`,
  );
}

/** One key by its id, or a user's by the name. @throws FetchmlError usage, when neither or both are given, or are none */
export function parseTarget(
  id: string | undefined,
  user: string | boolean | undefined,
  verb: KeyVerb,
): { readonly id: string } | { readonly user: string } {
  if (typeof user === "string" && id === undefined) {
    return { user: parseUserName(user, (name) => `fetchml key ${verb} --user ${name}`) };
  }
  if (id !== undefined && user === undefined) return { id: parseKeyId(id, verb) };
  throw new FetchmlError(
    "usage",
    "Name a key by its id, or a user with --user USER: one of the two.\nThe ids: fetchml key list",
  );
}

/** A key's label, `undefined` where none is given. @throws FetchmlError usage, for one that is empty, long, or holds a key */
export function parseLabel(text: string | boolean | undefined): string | undefined {
  if (typeof text !== "string") return undefined;
  refuseWholeKey(text, "a label");
  if (KEY_LABEL.test(text)) return text;
  throw new FetchmlError(
    "usage",
    `${shownWord(text)} is not a key's label, such as laptop: ${KEY_LABEL_RULE}.`,
  );
}
