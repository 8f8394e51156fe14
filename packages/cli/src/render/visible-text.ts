// Makes lines of files safe to show on a terminal, nothing of them lost.

/**
 * The line with every sign that a terminal would obey written out: `^[` for an escape, `<U+202E>` for a mark that turns the
 * writing direction. A tab stays.
 */
export function visibleText(line: string): string {
  return line.replace(UNSAFE, (sign) => {
    const code = sign.codePointAt(0) ?? 0;
    if (code < 0x20) return `^${String.fromCodePoint(code + 0x40)}`;
    if (code === 0x7f) return "^?";
    return `<U+${code.toString(16).toUpperCase().padStart(4, "0")}>`;
  });
}

const UNSAFE = /[[\p{Cc}\p{Bidi_Control}\u2028\u2029]--\t]/gv;
