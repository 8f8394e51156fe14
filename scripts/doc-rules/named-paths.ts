// Finds paths and links in a document that lead nowhere, and line numbers, which are wrong after the next edit.

import { dirname, join, normalize } from "node:path";
import type { Complaint } from "../complaint.ts";
import type { Document, Piece } from "./document.ts";
import { outsidePaths, placeholders } from "./outside-paths.ts";

/** What exists: every file of the project, and every folder of one, as paths relative to the root. */
export interface Places {
  readonly files: ReadonlySet<string>;
  readonly folders: ReadonlySet<string>;
}

/** The places of a project with these files. */
export function placesOf(files: readonly string[]): Places {
  const folders = new Set<string>();
  for (const file of files) {
    for (let at = dirname(file); at !== "."; at = dirname(at)) folders.add(at);
  }
  return { files: new Set(files), folders };
}

/**
 * Every named path that does not exist. A code span counts as a path when it has no blanks or placeholders and ends in a
 * known ending or in `/`, or begins with a folder of the project. It exists when a file or folder of the project ends with
 * it, part by part: `domain/pick-next.ts` may be named without the way to it, and `*` stands for any part of a name.
 */
export function findMissingPaths(document: Document, places: Places): readonly Complaint[] {
  return document.pieces.flatMap((piece) => {
    const problem = judge(document.path, piece, places);
    if (problem === undefined) return [];
    const { line } = piece;
    return [{ path: document.path, line, rule: "named-path", ...problem }];
  });
}

type Fault = Pick<Complaint, "problem" | "remedy">;

function judge(path: string, piece: Piece, places: Places): Fault | undefined {
  switch (piece.kind) {
    case "link":
      return judgeLink(path, piece.text, places);
    case "code":
      return piece.isPlanned ? undefined : judgeCode(path, piece.text, places);
    case "text":
      return judgeText(piece.text);
    case "shell":
      return undefined;
  }
}

function judgeLink(path: string, target: string, places: Places): Fault | undefined {
  if (/^[a-z][a-z+.-]*:/i.test(target) || target.startsWith("#")) return undefined;
  const [file = ""] = target.split(/[#?]/);
  const place = normalize(join(dirname(path), file)).replace(/\/$/, "");
  if (place === "." || places.files.has(place) || places.folders.has(place)) return undefined;
  return { problem: `links to ${target}, which does not exist`, remedy: "Mend the link" };
}

function judgeCode(path: string, code: string, places: Places): Fault | undefined {
  if (!isPath(code, places) || isOutside(code)) return undefined;
  if (exists(normalize(join(dirname(path), code)), places) || exists(code, places))
    return undefined;
  return {
    problem: `names \`${code}\`, which does not exist`,
    remedy: "Mend the name, or list it in scripts/doc-rules/outside-paths.ts if it lies elsewhere",
  };
}

function judgeText(text: string): Fault | undefined {
  const numbered = new RegExp(`[\\w-]${knownEnding.source.slice(0, -1)}(?::\\d+|#L\\d+)`).exec(
    text,
  );
  if (numbered === null) return undefined;
  return { problem: `names a line (…${numbered[0]})`, remedy: "Name the file and the function" };
}

const knownEnding = /\.(?:tsx?|mts|js|json|md|sql|sh|toml|py|ya?ml|txt|csv|gz|service)$/;

function isPath(code: string, { folders }: Places): boolean {
  if (!/^[\w.*][\w.*/-]*$/.test(code) || /^[\d.]+$/.test(code)) return false;
  if (code.split(/[^A-Z]+/).some((word) => placeholders.includes(word))) return false;
  if (/^\*?\.\w+$/.test(code) && !code.startsWith(".git")) return false;
  if (knownEnding.test(code) || code.endsWith("/")) return true;
  const [first = ""] = code.split("/");
  return code.includes("/") && [...folders].some((folder) => `/${folder}`.endsWith(`/${first}`));
}

function isOutside(code: string): boolean {
  return outsidePaths.some((place) =>
    place.endsWith("/") ? code.startsWith(place) : code === place,
  );
}

function exists(code: string, { files, folders }: Places): boolean {
  const path = code.replace(/^\.\//, "").replace(/\/$/, "");
  if (code.endsWith("/")) return hasEnd(folders, path);
  return hasEnd(files, path) || hasEnd(folders, path) || hasEnd(files, `${path}.ts`);
}

function hasEnd(places: ReadonlySet<string>, path: string): boolean {
  if (places.has(path)) return true;
  const glob = new Bun.Glob(`**/${path}`);
  return [...places].some((place) =>
    path.includes("*") ? glob.match(place) : place.endsWith(`/${path}`),
  );
}
