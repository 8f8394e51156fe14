// Finds files with a wrong shape: too long, an empty name, no first-line comment, a default export,
// a stray index.ts, an export without a word of explanation, a test that stops the event loop.

import { basename, extname } from "node:path";
import { emptyWords, isTestFile, maxLines } from "../floors.ts";
import type { Complaint } from "../complaint.ts";
import type { SourceFile } from "./source-file.ts";

/** Every fault of one file that can be seen without looking at another file. */
export function findShapeFaults(file: SourceFile): readonly Complaint[] {
  const faults = [
    parseFault(file),
    lengthFault(file),
    nameFault(file),
    indexFault(file),
    firstLineFault(file),
    defaultExportFault(file),
    exportDocsFault(file),
    stoppedLoopFault(file),
  ];
  return faults.flatMap((fault) => (fault === undefined ? [] : [{ path: file.path, ...fault }]));
}

type Fault = Omit<Complaint, "path">;

function parseFault({ parseError }: SourceFile): Fault | undefined {
  if (parseError === undefined) return undefined;
  return {
    rule: "syntax",
    problem: `cannot be parsed: ${parseError}`,
    remedy: "Mend the syntax",
  };
}

function lengthFault({ lineCount }: SourceFile): Fault | undefined {
  if (lineCount <= maxLines) return undefined;
  return {
    rule: "file-length",
    problem: `has ${lineCount} lines, and ${maxLines} is the most`,
    remedy: "Split it by idea; a test, by subject",
  };
}

function nameFault({ path }: SourceFile): Fault | undefined {
  const words = path.toLowerCase().split(/[^a-z0-9]+/);
  const empty = words.find((word) => emptyWords.includes(word));
  if (empty === undefined) return undefined;
  return {
    rule: "empty-name",
    problem: `has "${empty}" in its path, which says nothing`,
    remedy: "Name it for the one idea it holds",
  };
}

function indexFault({ path }: SourceFile): Fault | undefined {
  if (!/^index\.tsx?$/.test(basename(path)) || /^packages\/[^/]+\/src\/index\.ts$/.test(path)) {
    return undefined;
  }
  return {
    rule: "index-file",
    problem: "is an index.ts, which only a package itself has",
    remedy: "Give it the name of its idea and import that",
  };
}

const commentStart = new Map([
  [".ts", /^\/\/ \S/],
  [".tsx", /^\/\/ \S/],
  [".sql", /^-- \S/],
]);

function firstLineFault({ path, firstLine }: SourceFile): Fault | undefined {
  const start = commentStart.get(extname(path));
  if (start === undefined || start.test(firstLine)) return undefined;
  return {
    rule: "first-line",
    problem: "does not begin with a comment",
    remedy: "Say its one job in the first line",
  };
}

function defaultExportFault({ path, hasDefaultExport }: SourceFile): Fault | undefined {
  // A declaration of what an import of text gives has to speak of a default export.
  if (!hasDefaultExport || path.endsWith(".d.ts")) return undefined;
  return {
    rule: "default-export",
    problem: "has a default export",
    remedy: "Export it by its name",
  };
}

function exportDocsFault({ path, undocumented }: SourceFile): Fault | undefined {
  if (undocumented.length === 0 || isTestFile(path) || path.endsWith(".d.ts")) return undefined;
  return {
    rule: "export-docs",
    problem: `exports ${undocumented.join(", ")} without a TSDoc comment`,
    remedy: "Say above it what it promises, in what units and ranges, and what it throws",
  };
}

/** Bun 1.4.5 waits for those inside the call: what the promise needs of the loop comes late, or never. */
function stoppedLoopFault({ globals }: SourceFile): Fault | undefined {
  const word = ["rejects", "resolves"].find((name) => globals.has(`expect().${name}`));
  if (word === undefined) return undefined;
  return {
    rule: "stopped-loop",
    problem: `uses expect().${word}, which stops the event loop until the promise is settled`,
    remedy: "Await first: expect(await promise.catch((error: unknown) => error))",
  };
}
