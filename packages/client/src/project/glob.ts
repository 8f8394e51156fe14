// Patterns of ignore files as Git understands them, matched in time linear in pattern times text.
import { lowerAscii } from "./byte-string.ts";
import { readBracket } from "./glob-bracket.ts";

/** How many characters at the start of a pattern stand for themselves. */
export function literalLength(pattern: string): number {
  const special = pattern.search(/[*?[\\]/);
  return special === -1 ? pattern.length : special;
}

/**
 * Compiles a pattern without a leading or trailing slash. `*` and `?` match no slash; `**` between slashes, or at an end,
 * matches any number of folders. Both pattern and text are byte strings. A malformed pattern matches nothing, as in Git.
 *
 * @param lowered whether case does not matter and texts come in lower case, as {@link lowerAscii} makes it; default false.
 *   A capital letter alone in brackets or behind a backslash then matches nothing, as in Git
 */
export function compileGlob(
  pattern: string,
  { lowered = false }: { readonly lowered?: boolean } = {},
): (text: string) => boolean {
  const steps = parse(pattern, lowered);
  if (steps === null) return () => false;
  const headLength = steps.findIndex(isRun);
  const plain = headLength === -1;
  const head = plain ? steps : steps.slice(0, headLength);
  const tailLength = plain ? 0 : steps.toReversed().findIndex(isRun);
  const tail = steps.slice(steps.length - tailLength);
  const middle = steps.slice(head.length, steps.length - tailLength);
  return (text) => {
    if (plain ? text.length !== head.length : text.length < head.length + tailLength) return false;
    const tailStart = text.length - tailLength;
    // From the back: most patterns are `*.ending`, and the last letter of a name tells most often.
    for (let i = tailLength - 1; i >= 0; i--) {
      if (!accepts(tail[i], text.charCodeAt(tailStart + i))) return false;
    }
    for (let i = 0; i < head.length; i++) {
      if (!accepts(head[i], text.charCodeAt(i))) return false;
    }
    return plain || matchMiddle(middle, text.slice(head.length, tailStart));
  };
}

/**
 * One step of a pattern: a byte, a set of bytes, or a run. `name` takes what has no slash, `any` takes anything. `folders`
 * is `**` with a slash behind: nothing at all, or anything that ends with a slash. `to-slash` is the second half of it.
 */
type Step = number | ReadonlySet<number> | "name" | "any" | "folders" | "to-slash";

const SLASH = 47;

const NO_SLASH: ReadonlySet<number> = new Set(
  Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => byte !== SLASH),
);

function parse(pattern: string, lowered: boolean): readonly Step[] | null {
  const steps: Step[] = [];
  const wildStart = literalLength(pattern);
  for (let at = 0; at < pattern.length;) {
    const character = pattern[at];
    if (character === "*") {
      at = parseStars({ pattern, at, wildStart, steps });
    } else if (character === "[") {
      const bracket = readBracket(pattern, at, lowered);
      if (bracket === null) return null;
      steps.push(bracket.bytes);
      at = bracket.end;
    } else if (character === "\\") {
      if (at + 1 === pattern.length) return null;
      steps.push(pattern.charCodeAt(at + 1));
      at += 2;
    } else {
      const literal = lowered ? lowerAscii(pattern.charAt(at)) : pattern.charAt(at);
      steps.push(character === "?" ? NO_SLASH : literal.charCodeAt(0));
      at += 1;
    }
  }
  return steps;
}

function parseStars(from: {
  readonly pattern: string;
  readonly at: number;
  readonly wildStart: number;
  readonly steps: Step[];
}): number {
  const { pattern, at, wildStart, steps } = from;
  let end = at;
  while (pattern[end] === "*") end += 1;
  // Git compares the literal start of a pattern first and then forgets it: `foo**/bar` counts as if a slash stood there.
  const opens = at === wildStart || pattern[at - 1] === "/";
  if (end - at === 1 || !opens) {
    steps.push("name");
  } else if (pattern[end] === "/") {
    steps.push("folders", "to-slash");
    end += 1;
  } else if (end === pattern.length || pattern.startsWith("\\/", end)) {
    steps.push("any");
  } else {
    steps.push("name");
  }
  return end;
}

function isRun(step: Step): boolean {
  return typeof step === "string";
}

function accepts(step: Step | undefined, byte: number): boolean {
  return typeof step === "number" ? step === byte : typeof step === "object" && step.has(byte);
}

/** Keeps every place in the pattern at which a match may stand, so that no pattern takes more than linear time. */
function matchMiddle(steps: readonly Step[], text: string): boolean {
  if (steps.length === 1) return steps[0] === "any" || !text.includes("/");
  let places = new Set<number>();
  enter(steps, places, 0);
  for (let i = 0; i < text.length && places.size > 0; i++) {
    const byte = text.charCodeAt(i);
    const next = new Set<number>();
    for (const place of places) {
      const step = steps[place];
      if (step === "any" || step === "to-slash" || (step === "name" && byte !== SLASH)) {
        enter(steps, next, place);
      }
      const leaves = step === "to-slash" ? byte === SLASH : accepts(step, byte);
      if (leaves) enter(steps, next, place + 1);
    }
    places = next;
  }
  return places.has(steps.length);
}

function enter(steps: readonly Step[], places: Set<number>, place: number): void {
  if (places.has(place)) return;
  places.add(place);
  const step = steps[place];
  if (step === "name" || step === "any") enter(steps, places, place + 1);
  if (step === "folders") {
    enter(steps, places, place + 1);
    enter(steps, places, place + 2);
  }
}
