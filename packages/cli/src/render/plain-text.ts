// Makes strings that came from a server safe to show in one line of a terminal.
import { EscapeParser } from "./escape-parser.ts";

/**
 * The text without control sequences, colours and marks that turn the writing direction; a line break or a tab becomes
 * a space.
 */
export function plainText(text: string): string {
  return UNSAFE.test(text) ? stripped(text).replace(/[\s\u2028\u2029]+/gu, " ") : text;
}

/** As {@link plainText}, but with its line breaks. */
export function plainLines(text: string): string {
  return UNSAFE.test(text) ? stripped(text) : text;
}

const UNSAFE = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u;

const nothing = (): void => {};

function stripped(text: string): string {
  let kept = "";
  const parser = new EscapeParser({
    text: (run) => (kept += run),
    carriageReturn: nothing,
    colour: nothing,
    eraseLine: nothing,
  });
  parser.feed(text);
  return kept.replace(/\p{Bidi_Control}/gu, "");
}
