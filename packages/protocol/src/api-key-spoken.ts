// An API key for the ear: nine groups of four, with a word for each symbol.

import { API_KEY_BODY_LENGTH, API_KEY_PREFIX } from "./api-key.ts";

/** Symbols in a group. Nine groups make a key, `fetchml_` left out. */
export const SPOKEN_GROUP_LENGTH = 4;

/** Groups in a key. */
export const SPOKEN_GROUP_COUNT = API_KEY_BODY_LENGTH / SPOKEN_GROUP_LENGTH;

/** One group: the symbols in capitals, and a word for each (the spelling alphabet of NATO; digits by their names). */
export interface SpokenGroup {
  readonly symbols: string;
  readonly words: readonly string[];
}

/** The nine groups of a key, in order. @param key in the strict form, as `parseApiKey` accepts it */
export function spokenGroups(key: string): readonly SpokenGroup[] {
  const body = key.slice(API_KEY_PREFIX.length);
  return Array.from({ length: SPOKEN_GROUP_COUNT }, (_, group) => {
    const symbols = body.slice(group * SPOKEN_GROUP_LENGTH, (group + 1) * SPOKEN_GROUP_LENGTH);
    return {
      symbols: symbols.toUpperCase(),
      words: Array.from(symbols, (symbol) => WORDS.get(symbol) ?? symbol),
    };
  });
}

/**
 * The lines to read out on a call, each a number, a group and its words, with an empty line after every third; no
 * newline at the end. `normaliseApiKey` takes what the listener writes down, with any spaces and in any case.
 *
 * @param key in the strict form; the text is as secret as the key
 */
export function formatSpokenApiKey(key: string): string {
  const lines = spokenGroups(key).map(
    ({ symbols, words }, group) => `${group + 1}  ${symbols}  ${words.join(" ")}`,
  );
  return [lines.slice(0, 3), lines.slice(3, 6), lines.slice(6)]
    .map((block) => block.join("\n"))
    .join("\n\n");
}

const WORDS: ReadonlyMap<string, string> = new Map(
  (
    "Zero One Two Three Four Five Six Seven Eight Nine Alfa Bravo Charlie Delta Echo Foxtrot Golf Hotel Juliett Kilo " +
    "Mike November Papa Quebec Romeo Sierra Tango Victor Whiskey Xray Yankee Zulu"
  )
    .split(" ")
    .map((word, value) => [value < 10 ? String(value) : word.charAt(0).toLowerCase(), word]),
);
