// What keeps a project from being sent: a path, the reason, and the line that takes it out.

/** One thing in a project that cannot be sent. */
export interface Obstacle {
  /** Relative to the root, as it may be shown. */
  readonly path: string;
  /** The end of a sentence that begins with the path: `is a named pipe`. */
  readonly why: string;
  /** Line of an ignore file that leaves it out. */
  readonly ignoreLine: string;
  /** What else may help, as a sentence. */
  readonly hint?: string;
}

/** An obstacle at a path that is valid text. */
export function obstacleAt(path: string, why: string): Obstacle {
  return { path: shownPath(path), why, ignoreLine: ignoreLineFor(path) };
}

/**
 * A line for `.mlignore` or `.gitignore` at the root that names this path; no other, but that a control character, which
 * no line can hold, is any character there.
 */
export function ignoreLineFor(path: string): string {
  const escaped = path.replace(/[\\*?[]/g, String.raw`\$&`).replace(/ $/, String.raw`\ `);
  // Git's `?` is one byte.
  return `/${escaped.replace(/\p{Cc}/gu, (one) => "?".repeat(Buffer.byteLength(one)))}`;
}

/** A path as it may stand in a message: control characters are written out. */
export function shownPath(path: string): string {
  return JSON.stringify(path).slice(1, -1).replaceAll('\\"', '"').replaceAll("\\\\", "\\");
}
