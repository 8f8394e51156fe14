// What can be wrong with a key that a person typed or pasted, and how to say it.

/**
 * Why a text is not a key. A `place` counts symbols from 1 after `fetchml_` (for `part: "prefix"`: from its first
 * letter), separators left out; a `symbol` is text to show, made by {@link showSymbol}.
 */
export type ApiKeyProblem =
  | { readonly kind: "empty" }
  /** 64 hexadecimal digits: the hash of a key, as secret as the key. */
  | { readonly kind: "hash" }
  /** Something that another service, or another tool, issued. */
  | { readonly kind: "foreign-token"; readonly service: string }
  /** A right key is in it, with more text before or after. */
  | { readonly kind: "text-around" }
  /** A Cyrillic or Greek letter that looks like a Latin one. */
  | {
      readonly kind: "look-alike";
      readonly symbol: string;
      readonly script: "Cyrillic" | "Greek";
      readonly looksLike: string;
      readonly part: "prefix" | "body";
      readonly place: number;
    }
  | { readonly kind: "bad-symbol"; readonly symbol: string; readonly place: number }
  | { readonly kind: "symbols-missing"; readonly missing: number }
  /** For text of more than 65,536 UTF-16 code units `extra` counts code units. */
  | { readonly kind: "symbols-extra"; readonly extra: number }
  /** Exactly one symbol is wrong, in this group of four, 1 to 9. */
  | { readonly kind: "one-symbol-off"; readonly group: number }
  /** Two or more symbols are wrong or have changed places. */
  | { readonly kind: "checksum" };

/**
 * One sentence or two for a person: what is wrong, then what to do. Depends on the problem alone, so it holds nothing
 * of the key but the one bad symbol, if there is one.
 */
export function describeApiKeyProblem(problem: ApiKeyProblem): string {
  switch (problem.kind) {
    case "empty":
      return `There is no key. Paste the one that your admin gave you: ${SHAPE}.`;
    case "hash":
      return `That is a hash, not a key. Use the key itself: ${SHAPE}. Keep the hash as secret as the key.`;
    case "foreign-token":
      return `That is another service's token (${problem.service}), not a FetchML key, which is ${SHAPE}.`;
    case "text-around":
      return "There is other text before or after the key. Paste the key alone.";
    case "look-alike":
      return (
        `${placeOf(problem)} is the ${problem.script} letter ${problem.symbol}, which only looks like ` +
        `"${problem.looksLike}". Type the key with a Latin keyboard, or copy it again.`
      );
    case "bad-symbol":
      return `Bad symbol ${problem.symbol} at place ${problem.place} after fetchml_: no key contains it. ${COMPARE}`;
    case "symbols-missing":
      return `${count(problem.missing)} missing: after fetchml_ a key has 36. ${COMPARE}`;
    case "symbols-extra":
      return `${count(problem.extra)} too many: after fetchml_ a key has 36. ${COMPARE}`;
    case "one-symbol-off":
      return `One symbol is wrong: check group ${problem.group} of the nine groups of four after fetchml_.`;
    case "checksum":
      return `The key does not add up: several symbols are wrong or have changed places. ${COMPARE}`;
  }
}

/** A code point as a message may show it: `"u"`, `"я" (U+044F)`, or only `U+0000` where the sign could garble the line. */
export function showSymbol(codePoint: number): string {
  const symbol = String.fromCodePoint(codePoint);
  if (/^[!-~]$/.test(symbol)) return `"${symbol}"`;
  const number = `U+${codePoint.toString(16).toUpperCase().padStart(4, "0")}`;
  // Controls, marks, lone surrogates and right-to-left letters are told by their number alone.
  return PLAIN_LETTER.test(symbol) ? `"${symbol}" (${number})` : number;
}

const PLAIN_LETTER = /^[\p{L}&&[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}]]$/v;
const SHAPE = "fetchml_ and 36 letters and digits";
const COMPARE = "Copy it again, or compare it group by group: nine groups of four.";

function count(symbols: number): string {
  return symbols === 1 ? "One symbol is" : `${symbols} symbols are`;
}

function placeOf(problem: { readonly part: "prefix" | "body"; readonly place: number }): string {
  return problem.part === "prefix"
    ? `Letter ${problem.place} of "fetchml_"`
    : `Place ${problem.place} after fetchml_`;
}
