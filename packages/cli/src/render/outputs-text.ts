// What `ml show` shows of what a job has left.
import {
  formatSize,
  type AttemptOutputs,
  type LeftOutReason,
  type OutputEntry,
} from "@fetchml/protocol";
import { localTime } from "./moment-words.ts";
import type { Palette } from "./palette.ts";
import { shownName } from "./shown-name.ts";
import { tableLines, type Column } from "./table.ts";

/** Entries that are shown before the rest is only counted. */
export const SHOWN_ENTRIES = 20;

/** The outputs of each attempt that has left some, ended by a line feed; empty where there are none. */
export function outputsText(
  jobId: number,
  attempts: readonly AttemptOutputs[],
  look: { readonly palette: Palette; readonly width: number },
): string {
  return attempts
    .filter(({ file_count: files, entries, complete }) => files + entries.length > 0 || !complete)
    .map((attempt) => `\n${attemptText(jobId, attempt, look)}`)
    .join("");
}

const COLUMNS: readonly Column[] = [
  { title: "SIZE", align: "right" },
  { title: "CHANGED", optional: true },
  { title: "OUTPUT", shrinksTo: 20 },
];

function attemptText(
  jobId: number,
  outputs: AttemptOutputs,
  { palette, width }: { readonly palette: Palette; readonly width: number },
): string {
  const { attempt, ended, file_count: files, size_bytes: bytes, complete, entries } = outputs;
  const atLeast = complete ? "" : "more than ";
  const soFar = ended ? "" : ", so far";
  const count = `${atLeast}${files === 1 ? "1 file" : `${files} files`}, ${formatSize(bytes)}${soFar}`;
  const rows = entries.map((entry) => [sizeWords(entry), timeWords(entry), nameWords(entry)]);
  const table =
    rows.length === 0
      ? ""
      : tableLines({ columns: COLUMNS, rows, width, paintTitles: palette.bold });
  const listed = entries.filter(({ kind }) => kind === "file").length;
  const more = files - listed;
  const rest = more > 0 ? `… and ${more} more: ml pull ${jobId}\n` : "";
  return `${palette.bold(`Outputs of attempt ${attempt}`)}  ${count}\n${table}${rest}`;
}

function sizeWords(entry: OutputEntry): string {
  return entry.kind === "file" ? formatSize(entry.size_bytes) : "";
}

function timeWords(entry: OutputEntry): string {
  return entry.kind === "file" ? localTime(entry.modified_at) : "";
}

function nameWords(entry: OutputEntry): string {
  const name = shownName(entry.path);
  if (entry.kind === "symlink") return `${name} -> ${shownName(entry.target)}`;
  return entry.kind === "left-out" ? `${name} (${REASONS[entry.reason] ?? "not given out"})` : name;
}

const REASONS: Readonly<Record<LeftOutReason, string>> = {
  "name-not-utf8": "name is not UTF-8",
  "name-holds-key": "name holds an API key",
  "not-a-file": "no file",
  "foreign-file": "file of another account",
  unreadable: "cannot be read",
  "path-too-long": "path too long",
};
