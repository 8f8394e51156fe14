// The keys of the config file, and the lines on which they stand.

/** The keys of the file that people write. */
export const CONFIG_KEYS = [
  /** The personal key: `fetchml_` and 36 letters and digits. A secret. */
  "api_key",
  /** A list: a program with its arguments that prints the key, instead of `api_key`; such as `["bw", "get", "password", "FetchML API – alice"]`. */
  "api_key_command",
  /** The box, as `ssh` knows it: where `ml tunnel` goes, and where the server is looked for when there is no `api_url`. */
  "worker_host",
  /** The server's port there. Default 9100. */
  "worker_port",
  /** Where the server answers. Default: made of the two above, else `ws://localhost:9100/ws`; over a network it has to be `wss://`. */
  "api_url",
  /** A file of certificates (PEM) that may vouch for a `wss://` server, beside those that the system trusts. */
  "ca_file",
] as const;

/** Written by `ml` alone while a rotation is under way: the key that `api_key` is to take the place of. */
export const KEY_BEFORE = "api_key_before";

/** One of {@link CONFIG_KEYS}, or {@link KEY_BEFORE}. */
export type ConfigKey = (typeof CONFIG_KEYS)[number] | typeof KEY_BEFORE;

/** Whether a word is a key of the config file. */
export function isConfigKey(word: string): word is ConfigKey {
  return word === KEY_BEFORE || CONFIG_KEYS.some((key) => key === word);
}

/**
 * The number, from 1, of the line that gives this key at the top of the file, before the first table; `undefined` when
 * there is none. Right for every valid text in which no multi-line string imitates such a line.
 */
export function lineOfKey(text: string, key: string): number | undefined {
  const lines = text.slice(0, lengthOfTop(text)).split("\n");
  const index = lines.findIndex((line) => keyOnLine(line) === key);
  return index === -1 ? undefined : index + 1;
}

/** The key that a line gives a value to, quotes taken off; `undefined` for any other line. */
export function keyOnLine(line: string): string | undefined {
  return /^\s*(["']?)([\w-]+)\1\s*=/.exec(line)?.[2];
}

/** How much of a valid text stands before the line of its first table, in UTF-16 code units. */
export function lengthOfTop(text: string): number {
  let depth = 0;
  let lineStart = 0;
  let isLineBegun = false;
  for (const { 0: token, index } of text.matchAll(TOKENS)) {
    if (token === "\n") {
      lineStart = index + 1;
      isLineBegun = false;
    } else if (token.trim() !== "") {
      // Anywhere else a bracket is part of a value, and so are the lines until its end.
      if (token === "[" && depth === 0 && !isLineBegun) return lineStart;
      if (token === "[" || token === "{") depth += 1;
      if (token === "]" || token === "}") depth -= 1;
      isLineBegun = true;
    }
  }
  return text.length;
}

// Strings of all four kinds, comments, blanks, words, and each bracket and end of line by itself.
const TOKENS =
  /"""(?:\\[^]|[^\\])*?"{3,5}|'''[^]*?'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|#[^\n]*|[^\S\n]+|[^\s"'#[\]{}]+|[^]/g;
