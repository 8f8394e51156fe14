// The keys of the config file, and the lines on which they stand.

/** The keys of the file that people write. */
export const CONFIG_KEYS = [
  "api_key",
  "api_key_command",
  "worker_host",
  "worker_port",
  "api_url",
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
 * there is none. Right for every text in which no multi-line string imitates such a line.
 */
export function lineOfKey(text: string, key: string): number | undefined {
  const lines = topLines(text);
  const index = lines.findIndex((line) => keyOnLine(line) === key);
  return index === -1 ? undefined : index + 1;
}

/** The key that a line gives a value to, quotes taken off; `undefined` for any other line. */
export function keyOnLine(line: string): string | undefined {
  return /^\s*(["']?)([\w-]+)\1\s*=/.exec(line)?.[2];
}

/** The lines before the first table, ends of line taken off. */
export function topLines(text: string): string[] {
  const lines = text.split(/\r?\n/);
  const firstTable = lines.findIndex((line) => /^\s*\[/.test(line));
  return firstTable === -1 ? lines : lines.slice(0, firstTable);
}
