// Sets of characters in brackets, as Git reads them.
import { lowerAscii } from "./byte-string.ts";

/** The bytes that a bracket matches, and where the pattern goes on behind it. */
export interface Bracket {
  readonly bytes: ReadonlySet<number>;
  readonly end: number;
}

/**
 * Reads the bracket that opens at `start`. `!` or `^` negates; a `]` in first place stands for itself; so does a `-`
 * without a neighbour; `\` takes away a meaning; `[:alpha:]` and its like are those of ASCII. A slash is never matched.
 *
 * @param lowered whether case does not matter and texts come in lower case: then the capital letters of a range or a class,
 *   though not one that stands alone, mean the small ones too
 * @returns `null` when the bracket is malformed, so that the whole pattern matches nothing
 */
export function readBracket(pattern: string, start: number, lowered: boolean): Bracket | null {
  const negated = pattern[start + 1] === "!" || pattern[start + 1] === "^";
  const first = start + (negated ? 2 : 1);
  const members = new Set<number>();
  let at = first;
  // The character that a following `-` would make the start of a range; none after a range or a class.
  let before: number | null = null;
  while (at === first || pattern[at] !== "]") {
    const read = readMember(pattern, at, before);
    if (read === null) return null;
    for (const byte of read.bytes) members.add(byte);
    before = read.before;
    if (lowered && before === null) for (const byte of read.bytes) members.add(toLower(byte));
    at = read.end;
  }
  const bytes = negated ? ALL_BYTES.filter((byte) => !members.has(byte)) : members;
  const set = new Set(bytes);
  set.delete(SLASH);
  return { bytes: set, end: at + 1 };
}

interface Member {
  readonly bytes: readonly number[];
  /** The character, where it is one alone; `null` for a range or a class. */
  readonly before: number | null;
  readonly end: number;
}

const SLASH = 47;

const ALL_BYTES = Array.from({ length: 256 }, (_, byte) => byte);

const CLASSES: Readonly<Record<string, RegExp>> = {
  alnum: /[0-9A-Za-z]/,
  alpha: /[A-Za-z]/,
  blank: /[ \t]/,
  // oxlint-disable-next-line no-control-regex -- control characters are meant
  cntrl: /[\x00-\x1f\x7f]/,
  digit: /[0-9]/,
  graph: /[!-~]/,
  lower: /[a-z]/,
  print: /[ -~]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /[ \t\n\v\f\r]/,
  upper: /[A-Z]/,
  xdigit: /[0-9A-Fa-f]/,
};

function readMember(pattern: string, at: number, before: number | null): Member | null {
  const character = pattern[at];
  if (character === undefined) return null;
  if (character === "-" && before !== null && pattern[at + 1] !== "]" && at + 1 < pattern.length) {
    const last = readPlain(pattern, at + 1);
    return last && { bytes: range(before, last.byte), before: null, end: last.end };
  }
  if (character === "[" && pattern[at + 1] === ":") return readClass(pattern, at);
  const plain = readPlain(pattern, at);
  return plain && { bytes: [plain.byte], before: plain.byte, end: plain.end };
}

function readPlain(pattern: string, at: number): { byte: number; end: number } | null {
  const place = pattern[at] === "\\" ? at + 1 : at;
  return place < pattern.length ? { byte: pattern.charCodeAt(place), end: place + 1 } : null;
}

function readClass(pattern: string, at: number): Member | null {
  const close = pattern.indexOf("]", at + 2);
  if (close === -1) return null;
  // Without a colon before the bracket it was an ordinary `[` after all.
  if (close === at + 2 || pattern[close - 1] !== ":") {
    const byte = pattern.charCodeAt(at);
    return { bytes: [byte], before: byte, end: at + 1 };
  }
  const name = pattern.slice(at + 2, close - 1);
  const members = Object.hasOwn(CLASSES, name) ? CLASSES[name] : undefined;
  if (members === undefined) return null;
  const bytes = ALL_BYTES.filter((byte) => members.test(String.fromCharCode(byte)));
  return { bytes, before: null, end: close + 1 };
}

function toLower(byte: number): number {
  return lowerAscii(String.fromCharCode(byte)).charCodeAt(0);
}

function range(first: number, last: number): readonly number[] {
  return ALL_BYTES.filter((byte) => byte >= first && byte <= last);
}
