// Tells secret keys in the binary form of OpenPGP from public keys, messages and everything else.

/**
 * Whether this begins with the packet of a secret key or subkey (RFC 9580, sections 4.2, 5.5.1 and 5.5.3), which is what
 * `gpg --export-secret-keys` writes.
 */
export function isOpenPgpSecretKey(bytes: Uint8Array): boolean {
  const [first = 0, length = 0] = bytes;
  const isNewFormat = (first & 0xc0) === 0xc0;
  const isOldFormat = (first & 0xc0) === 0x80;
  if (!isNewFormat && !isOldFormat) return false;
  const tag = isNewFormat ? first & 0x3f : (first >>> 2) & 0x0f;
  if (tag !== SECRET_KEY && tag !== SECRET_SUBKEY) return false;
  const lengthBytes = isNewFormat ? newLengthBytes(length) : OLD_LENGTH_BYTES[first & 3];
  const version = bytes[1 + (lengthBytes ?? 0)] ?? 0;
  return version >= 2 && version <= 6;
}

const SECRET_KEY = 5;
const SECRET_SUBKEY = 7;

/** By the last two bits of the first byte; with the last the packet reaches to the end of the file. */
const OLD_LENGTH_BYTES = [1, 2, 4, 0] as const;

function newLengthBytes(first: number): number {
  if (first < 192) return 1;
  if (first < 224) return 2;
  // From 224 to 254 one byte tells the length of a part.
  return first === 255 ? 5 : 1;
}
