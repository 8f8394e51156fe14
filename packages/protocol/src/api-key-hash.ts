// The hash of an API key, which the server keeps instead of the key.

/**
 * Lower-case hex SHA-256 of the key, 64 characters: what `printf %s "$KEY" | sha256sum` prints. As secret as the key.
 *
 * @param key in the strict form; it is hashed as it is, so any other spelling gives another hash
 */
export function hashApiKey(key: string): string {
  return new Bun.CryptoHasher("sha256").update(key, "utf8").digest("hex");
}
