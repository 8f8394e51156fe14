// Which contents are a private key.
import { createAccountKeySearch, holdsAccountKey } from "./account-key.ts";
import { asciiOf, holdsAny, marksOf } from "./any-encoding.ts";
import { isDerPrivateKey } from "./der-private-key.ts";
import { isOpenPgpSecretKey } from "./openpgp-secret-key.ts";

/**
 * Why the content of a file is taken for a secret, as the end of a sentence that begins with its path; `null` for all others.
 * A program or a text that only speaks of keys is none: the file begins with something in PEM, or is by its name one of those
 * that hold keys and certificates. Text may be UTF-16, which is what `>` writes in Windows PowerShell.
 *
 * @param path its last part is looked at
 * @param bytes the whole file
 */
export function secretInContent(path: string, bytes: Uint8Array): string | null {
  const ending = endingOf(path);
  if (ending === "json" && holdsAccountKey(bytes)) return ACCOUNT_KEY;
  if (beginsLikeKey(bytes)) return holdsKeyLine(bytes) ? PRIVATE_KEY : null;
  if (!KEY_FILES.has(ending)) return null;
  return isOpenPgpSecretKey(bytes) || isDerPrivateKey(bytes) || holdsKeyLine(bytes)
    ? PRIVATE_KEY
    : null;
}

/**
 * Makes what tells the same of a file of more than a megabyte, from its pieces in their order; after the last it has seen all.
 * No key in DER is so large. For a file of JSON it takes 25 ms a gigabyte, its hash 600.
 */
export function createSecretScanner(path: string): (piece: Uint8Array) => string | null {
  const searchKey = createKeySearch(path);
  if (endingOf(path) !== "json") return searchKey;
  const isAccount = createAccountKeySearch();
  return (piece) => (isAccount(piece) ? ACCOUNT_KEY : searchKey(piece));
}

function createKeySearch(path: string): (piece: Uint8Array) => string | null {
  let isSearched = KEY_FILES.has(endingOf(path));
  let isBeginning = true;
  let secret: string | null = null;
  let lastLine: Uint8Array = new Uint8Array(0);
  return (piece) => {
    if (secret !== null) return secret;
    if (isBeginning) {
      if (isSearched && isOpenPgpSecretKey(piece)) secret = PRIVATE_KEY;
      isSearched ||= beginsLikeKey(piece);
      isBeginning = false;
    }
    if (isSearched) {
      // A line may be cut by the end of a piece.
      const text = Buffer.concat([lastLine, piece]);
      if (holdsKeyLine(text)) secret = PRIVATE_KEY;
      lastLine = text.subarray(Math.max(text.lastIndexOf("\n"), text.length - LONGEST_LINE));
    }
    return secret;
  };
}

const PRIVATE_KEY = "holds a private key";
const ACCOUNT_KEY = "holds the private key of a service account";

/** In bytes: longer than the first line of any key, in UTF-16. */
const LONGEST_LINE = 512;

/** What files are called that hold keys, certificates, or both. */
const KEY_FILES = new Set("pem key crt cer cert der p8 pk8 asc gpg pgp".split(" "));

function endingOf(path: string): string {
  return path.slice(path.lastIndexOf(".") + 1).toLowerCase();
}

const MARKS = marksOf(["PRIVATE KEY", "PuTTY-User-Key-File-"]);

// PEM (RFC 7468), OpenSSH, OpenPGP (RFC 9580), PuTTY.
const BEGINNING =
  "(?:-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-\\d+:)";
const BYTE_ORDER_MARK = "(?:\\xef\\xbb\\xbf|\\xff\\xfe|\\xfe\\xff)?";
const A_LINE = new RegExp(`^${BYTE_ORDER_MARK}[ \\t]*${BEGINNING}`, "m");

function holdsKeyLine(bytes: Uint8Array): boolean {
  return holdsAny(MARKS, bytes) && A_LINE.test(asciiOf(bytes));
}

/** Nearly every file is let through by this look at its first bytes. */
function beginsLikeKey(bytes: Uint8Array): boolean {
  let at = 0;
  while (at < MOST_BLANK && BLANK.has(bytes[at] ?? DASH)) at += 1;
  if (!FIRST_LETTERS.has(bytes[at] ?? 0)) return false;
  return PEM.test(asciiOf(bytes.subarray(at, at + LONGEST_LINE)));
}

/** A key below more empty lines than these many bytes make is not looked for. */
const MOST_BLANK = 64 * 1024;

// White space, the marks of the byte order, and the zeros of UTF-16.
const BLANK = new Set([0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf, 0xff, 0xfe, 0x00]);

const DASH = 0x2d;
const FIRST_LETTERS = new Set([DASH, "P".charCodeAt(0), "B".charCodeAt(0)]);

// "Bag Attributes" is what openssl writes above what it takes out of a PKCS #12 file.
const PEM = /^(?:-----BEGIN |PuTTY-User-Key-File-|Bag Attributes)/;
