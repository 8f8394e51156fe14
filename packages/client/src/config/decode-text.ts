// Bytes of a text file as text, or the name of what they are instead.

/** The text, or the end of a sentence that says what is wrong with the bytes. */
export type DecodedText =
  | { readonly ok: true; readonly text: string; readonly hasMark: boolean }
  | { readonly ok: false; readonly problem: string };

/** Decodes UTF-8; a byte order mark is told and not part of the text. UTF-16 and UTF-32, which Windows editors write, are named. */
export function decodeText(bytes: Uint8Array): DecodedText {
  const other = otherEncoding(bytes);
  if (other !== undefined) {
    return { ok: false, problem: `is ${other} text: save it again as UTF-8` };
  }
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return { ok: true, text, hasMark: bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf };
  } catch {
    return { ok: false, problem: "is not UTF-8 text: save it again as UTF-8" };
  }
}

function otherEncoding(bytes: Uint8Array): string | undefined {
  const first = bytes[0];
  const second = bytes[1];
  if (first === 0xff && second === 0xfe)
    return bytes[2] === 0 && bytes[3] === 0 ? "UTF-32" : "UTF-16";
  if (first === 0xfe && second === 0xff) return "UTF-16";
  // Without a mark, letters of ASCII show as every other byte zero.
  if ((first === 0 && second !== 0) || (second === 0 && first !== 0)) return "UTF-16";
  return undefined;
}
