// An API key as people paste and type it, brought to its one spelling or refused with the reason.

import { symbolValues } from "./api-key-alphabet.ts";
import { locateWrongSymbol } from "./api-key-checksum.ts";
import { foreignTokenOf } from "./api-key-foreign.ts";
import { lookAlikeOf } from "./api-key-look-alike.ts";
import { describeApiKeyProblem, showSymbol, type ApiKeyProblem } from "./api-key-problem.ts";
import { SPOKEN_GROUP_LENGTH } from "./api-key-spoken.ts";
import {
  isKeyBody,
  LONGEST_SYMBOLS,
  READ_PREFIX,
  readLetters,
  readSymbols,
  withoutPrefix,
} from "./api-key-symbols.ts";
import { API_KEY_BODY_LENGTH, API_KEY_ID_LENGTH, API_KEY_PREFIX, parseApiKey } from "./api-key.ts";

/** A key in the strict form and its id, or what is wrong with the text, also in words for a person. */
export type NormalisedApiKey =
  | { readonly ok: true; readonly key: string; readonly id: string }
  | { readonly ok: false; readonly problem: ApiKeyProblem; readonly message: string };

/**
 * Takes what chats, mail and a phone call do to a key: NFKC; white space, zero-width and bidi characters, dashes,
 * underscores, quotes, brackets, `*`, `\`, `|`, `~` and punctuation at the end are dropped; ASCII letters become
 * small; `fetchml_` may be missing; `o` is read as `0`, `i` and `l` as `1`. Anything else that is wrong is named and
 * never mended. Offline: a key that was revoked is still `ok`.
 *
 * Takes any string, lone surrogates too, in bounded time. The message holds nothing of the key but one bad symbol.
 */
export function normaliseApiKey(text: string): NormalisedApiKey {
  // A key that needs no mending is what every `ml` command reads: 0.4 ms saved, most of it compiling a Unicode pattern.
  const strict = parseApiKey(text);
  if (strict.ok) return { ok: true, key: text, id: strict.id };
  const symbols = readSymbols(text);
  // A key without its prefix could itself begin like the prefix, so the whole is tried first.
  const body =
    symbols === undefined ? undefined : [symbols, withoutPrefix(symbols)].find(isKeyBody);
  if (body !== undefined) {
    return { ok: true, key: API_KEY_PREFIX + body, id: body.slice(0, API_KEY_ID_LENGTH) };
  }
  const problem = problemOf(text, symbols);
  return { ok: false, problem, message: describeApiKeyProblem(problem) };
}

/** What is wrong with a text that is no key. The order matters: the first thing that a person can act on. */
function problemOf(text: string, symbols: string | undefined): ApiKeyProblem {
  const service = foreignTokenOf(text.trimStart().replace(/^["'`<([]+/, ""));
  if (service !== undefined) return { kind: "foreign-token", service };
  if (symbols === undefined) {
    return { kind: "symbols-extra", extra: text.length - API_KEY_BODY_LENGTH };
  }
  if (symbols === "") return { kind: "empty" };
  if (/^(?:sha256[:=]?)?[0-9a-f]{64}$/.test(symbols)) return { kind: "hash" };
  const disguised = disguisedPrefix(symbols);
  if (disguised !== undefined) return disguised;
  if (symbols.length <= LONGEST_SYMBOLS && holdsKey(symbols)) return { kind: "text-around" };
  const body = withoutPrefix(symbols);
  return badSymbol(Array.from(body)) ?? wrongSymbols(body);
}

/** A prefix that only looks right. Sought apart, because what follows it may be a right key. */
function disguisedPrefix(symbols: string): ApiKeyProblem | undefined {
  const letters = symbols.slice(0, READ_PREFIX.length);
  const asItLooks = Array.from(letters, (letter) => lookAlikeOf(letter)?.looksLike ?? letter);
  if (readLetters(asItLooks.join("")) !== READ_PREFIX) return undefined;
  const index = Array.from(letters).findIndex((letter) => lookAlikeOf(letter) !== undefined);
  return index === -1 ? undefined : lookAlike(letters.charAt(index), "prefix", index + 1);
}

function holdsKey(symbols: string): boolean {
  const last = symbols.length - API_KEY_BODY_LENGTH;
  for (let start = 0; start <= last; start++) {
    if (isKeyBody(symbols.slice(start, start + API_KEY_BODY_LENGTH))) return true;
  }
  return false;
}

/** The first symbol that no key has, or the wrong number of symbols; `undefined` when only the checksum is wrong. */
function badSymbol(body: readonly string[]): ApiKeyProblem | undefined {
  const extra = body.length - API_KEY_BODY_LENGTH;
  // Far from the length of a key the text is something else, and a place in it helps nobody.
  if (Math.abs(extra) <= 4) {
    const index = body.findIndex((symbol) => symbolValues(symbol) === undefined);
    const symbol = body[index];
    if (symbol !== undefined) {
      const place = index + 1;
      const shown = showSymbol(symbol.codePointAt(0) ?? 0);
      return lookAlike(symbol, "body", place) ?? { kind: "bad-symbol", symbol: shown, place };
    }
  }
  if (extra > 0) return { kind: "symbols-extra", extra };
  if (extra < 0) return { kind: "symbols-missing", missing: -extra };
  return undefined;
}

function lookAlike(
  letter: string,
  part: "prefix" | "body",
  place: number,
): ApiKeyProblem | undefined {
  const found = lookAlikeOf(letter);
  if (found === undefined) return undefined;
  return {
    kind: "look-alike",
    symbol: showSymbol(letter.codePointAt(0) ?? 0),
    ...found,
    part,
    place,
  };
}

function wrongSymbols(body: string): ApiKeyProblem {
  const values = symbolValues(body);
  const index = values === undefined ? undefined : locateWrongSymbol(values);
  if (index === undefined) return { kind: "checksum" };
  return { kind: "one-symbol-off", group: Math.floor(index / SPOKEN_GROUP_LENGTH) + 1 };
}
