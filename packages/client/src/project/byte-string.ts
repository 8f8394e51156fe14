// Text as a string of bytes, one character each, because Git compares names and patterns by bytes.

/** The UTF-8 bytes of a text, as characters 0 to 255. ASCII stays as it is. */
export function toByteString(text: string): string {
  return ASCII.test(text) ? text : Buffer.from(text, "utf8").toString("latin1");
}

/** Lower case of the ASCII letters alone, as Git does it where case does not matter. */
export function lowerAscii(bytes: string): string {
  return bytes.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

// oxlint-disable-next-line no-control-regex -- all of ASCII is meant
const ASCII = /^[\x00-\x7f]*$/;
