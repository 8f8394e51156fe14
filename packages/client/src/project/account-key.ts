// Knows the private key of a service account in a file of JSON.
import { asciiOf, holdsAny, marksOf } from "./any-encoding.ts";

/** Whether it is in these bytes. Not one that stands in a text of the file, as in a collection of programs. */
export function holdsAccountKey(bytes: Uint8Array): boolean {
  return holdsAny(END, bytes) && holdsAny(NAME, bytes) && ACCOUNT_KEY.test(asciiOf(bytes));
}

/** The same over the pieces of a file in their order: whether it was in what came so far. */
export function createAccountKeySearch(): (piece: Uint8Array) => boolean {
  let isFound = false;
  let seen: Uint8Array = new Uint8Array(0);
  return (piece) => {
    // It may be cut by the end of a piece.
    const seam = Buffer.concat([seen, piece.subarray(0, LONGEST)]);
    isFound ||= holdsAccountKey(seam) || holdsAccountKey(piece);
    seen = Buffer.concat([seen, piece.subarray(-LONGEST)]).subarray(-LONGEST);
    return isFound;
  };
}

/** In bytes, and in UTF-16 with a few blanks between name and value. */
const LONGEST = 512;

// What is rarer comes first. With the dashes behind it the search would take twice as long.
const END = marksOf(["PRIVATE KEY"]);
const NAME = marksOf(['"private_key"']);

const ACCOUNT_KEY = /"private_key"\s*:\s*"-----BEGIN (?:RSA )?PRIVATE KEY-----/;
