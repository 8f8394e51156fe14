// Changes single lines of a config text and leaves all else as the user wrote it.
import { lineOfKey, topLines, type ConfigKey } from "./config-keys.ts";

/** New values by key; `null` takes the line away. */
export type ConfigChanges = Readonly<Partial<Record<ConfigKey, string | null>>>;

/**
 * The text with these keys set: in their own lines where they stand already, comments behind them kept, else after the last
 * line before the first table. Ends of line stay as they are.
 *
 * @returns `undefined` when a value spans several lines, or is otherwise more than a string on its line
 */
export function editConfigText(text: string, changes: ConfigChanges): string | undefined {
  const lineEnd = text.includes("\r\n") ? "\r\n" : "\n";
  const lines = text === "" ? [] : text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  for (const [key, value] of Object.entries(changes)) {
    const number = lineOfKey(lines.join("\n"), key);
    if (number === undefined) {
      if (value !== null) lines.splice(endOfTop(lines), 0, `${key} = ${quoted(value)}`);
      continue;
    }
    const parts = STRING_LINE.exec(lines[number - 1] ?? "");
    if (parts === null) return undefined;
    const { before = "", after = "" } = parts.groups ?? {};
    lines.splice(number - 1, 1, ...(value === null ? [] : [before + quoted(value) + after]));
  }
  return lines.map((line) => line + lineEnd).join("");
}

// A basic or literal string of TOML that begins and ends on its line, and what stands around it.
const STRING_LINE =
  /^(?<before>\s*["']?[\w-]+["']?\s*=\s*)(?:"(?!"")(?:[^"\\]|\\.)*"|'(?!'')[^']*')(?<after>\s*(?:#.*)?)$/;

/** Where a new line belongs: behind the last line before the first table that says something. */
function endOfTop(lines: readonly string[]): number {
  const top = topLines(lines.join("\n"));
  return top.length === lines.length
    ? lines.length
    : top.findLastIndex((line) => line.trim() !== "") + 1;
}

/** A basic string of TOML, whose escapes JSON's are a part of. */
function quoted(value: string): string {
  return JSON.stringify(value).replaceAll("\u007f", "\\u007f");
}
