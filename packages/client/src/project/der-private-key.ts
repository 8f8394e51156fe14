// Tells private keys in the binary form DER from certificates, public keys and everything else.

/**
 * Whether this is the whole of a file that holds one private key in DER (X.690): PKCS #8 (RFC 5958), also encrypted, RSA or
 * DSA of old (RFC 8017) or EC (RFC 5915). These forms begin with a version number, which no certificate and no public key does.
 */
export function isDerPrivateKey(bytes: Uint8Array): boolean {
  const start = Buffer.from(bytes.subarray(0, START_BYTES)).toString("latin1");
  const [header] = SEQUENCE.exec(start) ?? [];
  if (header === undefined || header.length + lengthIn(header) !== bytes.length) return false;
  return BEGINNINGS.test(start.slice(header.length));
}

const START_BYTES = 64;

// A tag, then a length: below 128 itself, else how many bytes it has, and these.
const LENGTH = "(?:[\\x00-\\x7f]|\\x81[^]|\\x82[^]{2})";
const SEQUENCE = new RegExp(`^\\x30${LENGTH}`);

const BEGINNINGS = new RegExp(
  `^(?:${[
    // Version, then the kind of key.
    `\\x02\\x01[\\x00\\x01]\\x30${LENGTH}\\x06`,
    // Version, then a large number.
    "\\x02\\x01[\\x00\\x01]\\x02(?:[\\x21-\\x7f]|\\x81[^]|\\x82[^]{2})",
    // Version 1, then as many bytes as curves have.
    "\\x02\\x01\\x01\\x04[\\x14-\\x48]",
    // Encrypted by PKCS #5 or, of old, as in PKCS #12.
    `\\x30${LENGTH}\\x06[\\x09\\x0a]\\x2a\\x86\\x48\\x86\\xf7\\x0d\\x01(?:\\x05|\\x0c\\x01)`,
  ].join("|")})`,
);

function lengthIn(header: string): number {
  const [first = 0, ...others] = Buffer.from(header.slice(1), "latin1");
  return others.length === 0 ? first : others.reduce((length, byte) => length * 256 + byte, 0);
}
