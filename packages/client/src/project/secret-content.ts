// Which contents are a private key.
import { isDerPrivateKey } from "./der-private-key.ts";

/**
 * Why the content of a file is taken for a secret, as the end of a sentence that begins with its path; `null` for all others.
 * A program or a text that only speaks of keys is none: the key is the file's beginning, or the file is one of those that
 * hold keys and certificates.
 *
 * @param path its last part is looked at
 * @param bytes the whole file
 */
export function secretInContent(path: string, bytes: Uint8Array): string | null {
  const ending = endingOf(path);
  if (ending === "json") return holds(SERVICE_ACCOUNT, bytes) ? ACCOUNT_KEY : null;
  if (!KEY_FILES.has(ending)) return holdsFirst(bytes) ? PRIVATE_KEY : null;
  return holds(A_LINE, bytes) || isDerPrivateKey(bytes) ? PRIVATE_KEY : null;
}

/**
 * Makes what tells the same of a file of more than a megabyte, from its pieces in their order; after the last it has seen all.
 * Such a file is searched as a whole only where its name says that it holds keys and certificates, else its beginning is.
 */
export function createSecretScanner(path: string): (piece: Uint8Array) => string | null {
  const isKeyFile = KEY_FILES.has(endingOf(path));
  let isBeginning = true;
  let secret: string | null = null;
  let lastLine: Uint8Array = new Uint8Array(0);
  return (piece) => {
    if (secret !== null) return secret;
    if (isKeyFile) {
      // A line may be cut by the end of a piece.
      const text = Buffer.concat([lastLine, piece]);
      if (holds(A_LINE, text)) secret = PRIVATE_KEY;
      lastLine = text.subarray(Math.max(text.lastIndexOf("\n"), text.length - LONGEST_LINE));
    } else if (isBeginning && holdsFirst(piece)) secret = PRIVATE_KEY;
    isBeginning = false;
    return secret;
  };
}

const PRIVATE_KEY = "holds a private key";
const ACCOUNT_KEY = "holds the private key of a service account";

/** Longer than the first line of any key. */
const LONGEST_LINE = 256;

/** What files are called that hold keys, certificates, or both. */
const KEY_FILES = new Set(["pem", "key", "crt", "cer", "cert", "der", "p8", "pk8", "asc", "gpg"]);

function endingOf(path: string): string {
  return path.slice(path.lastIndexOf(".") + 1).toLowerCase();
}

const MARKS = ["PRIVATE KEY", "PuTTY-User-Key-File-"].map((mark) => Buffer.from(mark));

// PEM (RFC 7468), OpenSSH, OpenPGP (RFC 9580), PuTTY.
const BEGINNING =
  "(?:-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-\\d+:)";
const FIRST_LINE = new RegExp(`^(?:\\xef\\xbb\\xbf)?\\s*${BEGINNING}`);
const A_LINE = new RegExp(`^[ \\t]*${BEGINNING}`, "m");

const SERVICE_ACCOUNT = /"private_key"\s*:\s*"-----BEGIN (?:RSA )?PRIVATE KEY-----/;

function holds(pattern: RegExp, bytes: Uint8Array): boolean {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return MARKS.some((mark) => buffer.includes(mark)) && pattern.test(buffer.toString("latin1"));
}

function holdsFirst(bytes: Uint8Array): boolean {
  return beginsLikeKey(bytes) && holds(FIRST_LINE, bytes);
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
