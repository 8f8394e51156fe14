// Bitwarden's encrypted strings: type 2 (AES-256-CBC with HMAC-SHA256) and type 4 (RSA-OAEP with SHA-1).
import {
  constants,
  createCipheriv,
  createDecipheriv,
  createHmac,
  publicEncrypt,
  randomBytes,
  timingSafeEqual,
  type KeyObject,
} from "node:crypto";

/** 64 bytes: 32 to encrypt with, then 32 to authenticate with. */
export type SymmetricKey = Buffer;

/** A fresh key. */
export function newKey(): SymmetricKey {
  return randomBytes(64);
}

/** `2.IV|DATA|MAC`, each in base64. */
export function encrypt(plain: string | Buffer, key: SymmetricKey): string {
  const iv = randomBytes(16);
  const cipher = createCipheriv("aes-256-cbc", key.subarray(0, 32), iv);
  const data = Buffer.concat([cipher.update(plain), cipher.final()]);
  return `2.${[iv, data, macOf(iv, data, key)].map((part) => part.toString("base64")).join("|")}`;
}

/**
 * What {@link encrypt} was given.
 *
 * @throws Error for another type, and for a MAC that another key made.
 */
export function decrypt(text: string, key: SymmetricKey): Buffer {
  if (!text.startsWith("2.")) throw new Error(`not an encrypted string of type 2: ${text}`);
  const [iv, data, mac] = text
    .slice(2)
    .split("|")
    .map((part) => Buffer.from(part, "base64"));
  if (iv === undefined || data === undefined || mac === undefined)
    throw new Error("a part is missing");
  if (!timingSafeEqual(macOf(iv, data, key), mac)) throw new Error("encrypted with another key");
  const decipher = createDecipheriv("aes-256-cbc", key.subarray(0, 32), iv);
  return Buffer.concat([decipher.update(data), decipher.final()]);
}

/** `4.DATA`: a key, encrypted for the holder of the private key. */
export function encryptFor(publicKey: KeyObject, key: SymmetricKey): string {
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  const data = publicEncrypt({ key: publicKey, padding, oaepHash: "sha1" }, key);
  return `4.${data.toString("base64")}`;
}

function macOf(iv: Buffer, data: Buffer, key: SymmetricKey): Buffer {
  return createHmac("sha256", key.subarray(32)).update(iv).update(data).digest();
}
