// Which contents are a private key.

/**
 * Why the content of a file is taken for a secret, as the end of a sentence that begins with its path; `null` for all others.
 * A program or a text that only speaks of keys is none: the key is the file's beginning, or the file is one of those that
 * hold keys and certificates.
 *
 * @param path its last part is looked at
 * @param bytes the whole file; a larger one than 1 MiB is no key
 */
export function secretInContent(path: string, bytes: Uint8Array): string | null {
  if (bytes.length > MAX_BYTES) return null;
  const ending = path.slice(path.lastIndexOf(".") + 1).toLowerCase();
  const pattern = patternFor(ending);
  if (pattern === FIRST_LINE && !beginsLikeKey(bytes)) return null;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!MARKS.some((mark) => buffer.includes(mark))) return null;
  if (!pattern.test(buffer.toString("latin1"))) return null;
  return ending === "json" ? "holds the private key of a service account" : "holds a private key";
}

const MAX_BYTES = 1 << 20;

/** What files are called that hold keys, certificates, or both. */
const KEY_FILES = new Set(["pem", "key", "crt", "cer", "cert", "p8", "asc", "gpg"]);

const MARKS = ["PRIVATE KEY", "PuTTY-User-Key-File-"].map((mark) => Buffer.from(mark));

// PEM (RFC 7468), OpenSSH, OpenPGP (RFC 9580), PuTTY.
const BEGINNING =
  "(?:-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-\\d+:)";
const FIRST_LINE = new RegExp(`^(?:\\xef\\xbb\\xbf)?\\s*${BEGINNING}`);
const A_LINE = new RegExp(`^[ \\t]*${BEGINNING}`, "m");

const SERVICE_ACCOUNT = /"private_key"\s*:\s*"-----BEGIN (?:RSA )?PRIVATE KEY-----/;

function patternFor(ending: string): RegExp {
  if (ending === "json") return SERVICE_ACCOUNT;
  return KEY_FILES.has(ending) ? A_LINE : FIRST_LINE;
}

/** Nearly every file is let through by this look at its first bytes. */
function beginsLikeKey(bytes: Uint8Array): boolean {
  let at = bytes[0] === 0xef ? 3 : 0;
  while (at < 64 && WHITE.has(bytes[at] ?? 0)) at += 1;
  return bytes[at] === DASH || bytes[at] === LETTER_P;
}

const WHITE = new Set([0x20, 0x09, 0x0a, 0x0d]);
const DASH = 0x2d;
const LETTER_P = 0x50;
