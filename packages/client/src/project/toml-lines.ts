// Finds the line on which a key of a TOML text stands, for messages.

/**
 * The number of the line, from 1, that sets the key with this path, or else the nearest table around it: of a key in an
 * inline table the line on which that begins. `null` when even the first part stands nowhere.
 *
 * @param keys such as `["jobs", "train", "gpus"]`
 */
export function lineOfKey(text: string, keys: readonly string[]): number | null {
  let table: readonly string[] = [];
  let best: { readonly line: number; readonly depth: number } | null = null;
  for (const [index, line] of text.split("\n").entries()) {
    const read = readKeys(line);
    if (read === null) continue;
    const path = read.isTable ? read.keys : [...table, ...read.keys];
    if (read.isTable) table = read.keys;
    const depth = path.every((key, place) => key === keys[place]) ? path.length : 0;
    if (depth > (best?.depth ?? 0)) best = { line: index + 1, depth };
  }
  return best?.line ?? null;
}

// A key: bare, in double or in single quotes; then what follows it.
const KEY = /\s*(?:([A-Za-z0-9_-]+)|("(?:[^"\\]|\\.)*")|'([^']*)')\s*([.=\]])/y;

function readKeys(
  line: string,
): { readonly keys: readonly string[]; readonly isTable: boolean } | null {
  const opening = /^\s*\[\[?/.exec(line);
  const keys: string[] = [];
  KEY.lastIndex = opening?.[0].length ?? 0;
  for (let match = KEY.exec(line); match !== null; match = KEY.exec(line)) {
    const [, bare, double, single, end] = match;
    keys.push(bare ?? single ?? unquoted(double ?? ""));
    if (end !== ".") return { keys, isTable: end === "]" && opening !== null };
  }
  return null;
}

function unquoted(text: string): string {
  try {
    // The escapes of TOML that matter in keys are those of JSON.
    return String(JSON.parse(text));
  } catch {
    return text;
  }
}
