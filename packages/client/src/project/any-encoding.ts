// Looks for words in bytes of which the encoding is not known: ASCII, and so UTF-8, or UTF-16 of either order.

/** The bytes of words in each encoding. In UTF-16 without the last zero, so that the order of its bytes does not matter. */
export function marksOf(words: readonly string[]): readonly Uint8Array[] {
  return words.flatMap((word) => [Buffer.from(word), Buffer.from(word, "utf16le").subarray(0, -1)]);
}

/** Whether one of the marks is in it. A gigabyte takes 15 ms for each. */
export function holdsAny(marks: readonly Uint8Array[], bytes: Uint8Array): boolean {
  const buffer = bufferOf(bytes);
  return marks.some((mark) => buffer.includes(mark));
}

/** What is ASCII in it, be it in UTF-16 of either order, or only in a part of the file: PowerShell's `>>` writes that behind UTF-8. */
export function asciiOf(bytes: Uint8Array): string {
  return bufferOf(bytes).toString("latin1").replaceAll("\0", "");
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
