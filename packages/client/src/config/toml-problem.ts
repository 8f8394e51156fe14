// Says what is wrong with a TOML text without ever quoting it: the line may hold a key.
import { TomlError } from "smol-toml";
import { isConfigKey, keyOnLine } from "./config-keys.ts";

/**
 * `line 3 (api_key): unfinished string`, or `undefined` when the error is not about TOML. The error itself must go no
 * further: its message shows the line and its neighbours.
 */
export function tomlProblem(error: unknown, text: string): string | undefined {
  if (!(error instanceof TomlError)) return undefined;
  const [, reason = ""] = /^Invalid TOML document: ([^\n]*)/.exec(error.message) ?? [];
  const key = keyOnLine(text.split(/\r?\n/)[error.line - 1] ?? "");
  const where = `line ${error.line}${key !== undefined && isConfigKey(key) ? ` (${key})` : ""}`;
  return `${where}: ${WORDS[reason] ?? plain(reason)}`;
}

const QUOTES = 'text stands in double quotes, as in api_url = "ws://localhost:9100/ws"';
const TWICE = "this stands in the file for the second time";

/** Reasons of smol-toml that deserve better words for somebody who has never heard of TOML. */
const WORDS: Readonly<Record<string, string>> = {
  "invalid value": QUOTES,
  "illegal character in numeric literal": QUOTES,
  "unfinished numeric value": QUOTES,
  "trying to redefine an already defined value": TWICE,
  "trying to redefine an already defined table or value": TWICE,
  "incomplete key-value: cannot find end of key": 'a line reads name = "value"',
  "each key-value declaration must be followed by an end-of-line":
    "after the value comes something that does not belong there",
  "unfinished string": "the closing quote is missing",
};

/** Only what can be nothing but the library's own words. */
function plain(reason: string): string {
  return /^[a-z ,:-]+$/.test(reason) ? reason : "this is not TOML";
}
