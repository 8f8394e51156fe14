// Why the connections of a key are ended, in words that both sides know.
import type { ErrorCode } from "./error-code.ts";

interface KeyEndEntry {
  /** The error that calls and transfers end with. */
  readonly code: ErrorCode;
  /** For a person, a whole sentence. */
  readonly sentence: string;
}

/** Every reason for {@link CLOSE_KEY_ENDED}. The words are part of the protocol and never change. */
export const KEY_ENDS = {
  "key-revoked": { code: "key-revoked", sentence: "The API key was revoked." },
  "key-expired": { code: "key-expired", sentence: "The API key has expired." },
  "key-replaced": {
    code: "key-expired",
    sentence: "The API key was replaced by a newer one, and works no longer.",
  },
  "key-invalid": { code: "key-invalid", sentence: "The API key is no longer valid." },
  "user-disabled": { code: "key-invalid", sentence: "The user was disabled." },
  "user-removed": { code: "key-invalid", sentence: "The user was removed." },
  "role-changed": { code: "not-allowed", sentence: "The user's role was changed." },
} as const satisfies Readonly<Record<string, KeyEndEntry>>;

/** The word for such a reason. */
export type KeyEnd = keyof typeof KEY_ENDS;

/** The reason as a WebSocket's close frame carries it: `WORD: sentence`, at most 123 bytes. */
export function keyEndReason(why: KeyEnd): string {
  return `${why}: ${KEY_ENDS[why].sentence}`;
}

/** What a close frame's reason says; `why` is `null` when it has no word of this release. */
export function readKeyEnd(reason: string): {
  readonly why: KeyEnd | null;
  readonly sentence: string;
} {
  const [, word = "", sentence = reason] = /^([a-z-]+): (.*)$/s.exec(reason) ?? [];
  return { why: isKeyEnd(word) ? word : null, sentence };
}

function isKeyEnd(word: string): word is KeyEnd {
  return Object.hasOwn(KEY_ENDS, word);
}
