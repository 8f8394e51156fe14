// Encrypts and opens small values with the box's own key.
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

/** Bytes of the key: AES-256. */
export const SEAL_KEY_BYTES = 32;

/**
 * Encrypts a value with AES-256-GCM. The context, such as `alice/HF_TOKEN`, is not stored and must be said again to open it, so that
 * nobody can put one sealed value in another's place.
 *
 * @returns 1 byte of version, 12 of nonce, the ciphertext, 16 of tag
 */
export function seal(key: Uint8Array, context: string, value: Uint8Array): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(Buffer.from(context));
  return Buffer.concat([
    Buffer.of(VERSION),
    nonce,
    cipher.update(value),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
}

/** The value again; `null` where key or context is another one, or a byte was changed. */
export function open(key: Uint8Array, context: string, sealed: Uint8Array): Buffer | null {
  if (sealed.length < 1 + NONCE_BYTES + TAG_BYTES || sealed[0] !== VERSION) return null;
  const nonce = sealed.subarray(1, 1 + NONCE_BYTES);
  const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(context))
    .setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  try {
    const body = sealed.subarray(1 + NONCE_BYTES, sealed.length - TAG_BYTES);
    return Buffer.concat([decipher.update(body), decipher.final()]);
  } catch {
    return null;
  }
}

const ALGORITHM = "aes-256-gcm";
const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
