// Changes single lines of a config text and leaves all else as the user wrote it.
import { lengthOfTop, lineOfKey, type ConfigKey } from "./config-keys.ts";

/** New values by key; `null` takes the line away. */
export type ConfigChanges = Readonly<Partial<Record<ConfigKey, string | null>>>;

/**
 * The text with these keys set: in their own lines where they stand already, comments behind them kept, else after the last
 * line before the first table, with the end of line that the line above has. Every other byte stays as it is.
 *
 * @param text valid TOML
 * @returns `undefined` when a value spans several lines, or is otherwise more than a string on its line
 */
export function editConfigText(text: string, changes: ConfigChanges): string | undefined {
  const lines = linesOf(text);
  for (const [key, value] of Object.entries(changes)) {
    const number = lineOfKey(lines.join(""), key);
    if (number === undefined) {
      if (value !== null) addLine(lines, `${key} = ${quoted(value)}`);
      continue;
    }
    const parts = STRING_LINE.exec(lines[number - 1] ?? "");
    if (parts === null) return undefined;
    const { before = "", after = "" } = parts.groups ?? {};
    lines.splice(number - 1, 1, ...(value === null ? [] : [before + quoted(value) + after]));
  }
  return lines.join("");
}

// A basic or literal string of TOML that begins and ends on its line, and what stands around it, the end of line among it.
const STRING_LINE =
  /^(?<before>\s*["']?[\w-]+["']?\s*=\s*)(?:"(?!"")(?:[^"\\]|\\.)*"|'(?!'')[^']*')(?<after>\s*(?:#[^\n]*)?\n?)$/;

/** The lines, each with its own end. */
function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+/g) ?? [];
}

function addLine(lines: string[], line: string): void {
  const place = endOfTop(lines);
  const model = lines.slice(0, place).findLast(isEnded) ?? lines.find(isEnded);
  const end = model?.endsWith("\r\n") ? "\r\n" : "\n";
  const above = lines[place - 1];
  if (above !== undefined && !isEnded(above)) lines[place - 1] = above + end;
  lines.splice(place, 0, line + end);
}

function isEnded(line: string): boolean {
  return line.endsWith("\n");
}

/** Where a new line belongs: behind the last line before the first table that says something. */
function endOfTop(lines: readonly string[]): number {
  const text = lines.join("");
  const length = lengthOfTop(text);
  if (length === text.length) return lines.length;
  return linesOf(text.slice(0, length)).findLastIndex((line) => line.trim() !== "") + 1;
}

/** A basic string of TOML, whose escapes JSON's are a part of. */
function quoted(value: string): string {
  return JSON.stringify(value).replaceAll("\u007f", "\\u007f");
}
