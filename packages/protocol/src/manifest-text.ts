// Which text may be a path or the target of a link.

/** What is wrong with the text, as the end of a sentence that begins with it; `null` if nothing is. */
export function manifestTextProblem(text: string, maxBytes: number): string | null {
  if (text === "") return "is empty";
  if (text.startsWith("/")) return "is absolute";
  if (text.includes("\\")) return "holds a backslash";
  if (CONTROL.test(text)) return "holds a control character";
  if (!text.isWellFormed()) return "is not valid Unicode";
  if (text.length > maxBytes / 3 && Buffer.byteLength(text) > maxBytes) {
    return `is longer than ${maxBytes} bytes`;
  }
  return null;
}

/** A path or target as it stands in a message: of a very long one its beginning and its end. */
export function quotedPath(path: string): string {
  if (path.length <= SHOWN) return JSON.stringify(path);
  return JSON.stringify(`${path.slice(0, SHOWN / 2)}…${path.slice(-SHOWN / 2)}`);
}

const CONTROL = /\p{Cc}/u;

const SHOWN = 200;
