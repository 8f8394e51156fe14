// Reads a Markdown document into the pieces that name something: code spans, shell lines, links, plain lines.

/** A piece of a document that may name a path or a command. */
export interface Piece {
  /** `code`: between backticks. `shell`: a line of a fence that holds commands. `link`: a target. `text`: a whole line outside fences. */
  readonly kind: "code" | "shell" | "link" | "text";
  readonly text: string;
  /** Line in the document, counted from 1. */
  readonly line: number;
  /** Whether it stands between `<!-- planned -->` and `<!-- /planned -->`. */
  readonly isPlanned: boolean;
}

/** A document, read. */
export interface Document {
  /** Relative to the project's root. */
  readonly path: string;
  readonly pieces: readonly Piece[];
  /** Whether a section marked as planned is never closed. */
  readonly endsPlanned: boolean;
}

/** Reads a document. Fences of other languages than shell have no pieces: what they name is an example. */
export function readDocument(path: string, markdown: string): Document {
  const pieces: Piece[] = [];
  let fence: { readonly mark: string; readonly isShell: boolean } | undefined;
  let isPlanned = false;
  for (const [index, line] of markdown.split("\n").entries()) {
    const add = (kind: Piece["kind"], text: string) =>
      pieces.push({ kind, text, line: index + 1, isPlanned });
    const edge = /^\s*(`{3,}|~{3,})\s*(\w*)/.exec(line);
    const [, mark = "", language = ""] = edge ?? [];
    if (fence !== undefined) {
      if (edge !== null && mark.startsWith(fence.mark)) fence = undefined;
      else if (fence.isShell) add("shell", line.trim());
    } else if (edge !== null) {
      fence = { mark, isShell: shellLanguages.has(language) };
    } else {
      if (line.includes("<!-- planned -->")) isPlanned = true;
      if (line.includes("<!-- /planned -->")) isPlanned = false;
      add("text", line);
      for (const span of codeSpans(line)) add("code", span);
      for (const target of linkTargets(line)) add("link", target);
    }
  }
  return { path, pieces, endsPlanned: isPlanned };
}

const shellLanguages = new Set(["", "sh", "bash", "console", "shell", "text"]);

const codeSpan = /(`+)(.+?)\1(?!`)/g;

function codeSpans(line: string): readonly string[] {
  // Inside a table a bar in code is written `\|`.
  return [...line.matchAll(codeSpan)].map(([, , code = ""]) => code.replaceAll("\\|", "|").trim());
}

function linkTargets(line: string): readonly string[] {
  const prose = line.replace(codeSpan, "code");
  const patterns = [
    /\]\(\s*<?([^\s)>]+)>?[^)]*\)/g,
    /^\s{0,3}\[[^\]]+\]:\s*<?([^\s>]+)/g,
    /(?:href|src)="([^"]+)"/g,
  ];
  return patterns.flatMap((pattern) => [...prose.matchAll(pattern)].map(([, to = ""]) => to));
}
