// What `ml show` shows of what a job has left.
import {
  formatSize,
  type AttemptOutputs,
  type LeftOutReason,
  type OutputEntry,
} from "@fetchml/protocol";
import { localTime } from "./moment-words.ts";
import type { Palette } from "./palette.ts";
import { shortName } from "./shown-name.ts";
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
  const { file_count: files, complete, entries } = outputs;
  const rows = entries.map((entry) => {
    const { size, time, name, rest } = entryWords(entry);
    return [size, time, shortName(name, LONGEST_SHOWN) + rest];
  });
  const table =
    rows.length === 0
      ? ""
      : tableLines({ columns: COLUMNS, rows, width, paintTitles: palette.bold });
  const listed = entries.filter(({ kind }) => kind === "file").length;
  // Where the server has stopped counting, nobody knows how many there are.
  const more = complete ? `${files - listed} more` : "more";
  const rest = files > listed ? `… and ${more}: ml show ${jobId} --outputs\n` : "";
  return `${outputsTitle(outputs, palette)}\n${table}${rest}`;
}

/** `Outputs of attempt 2  3 files, 1.5 MiB, so far`. */
export function outputsTitle(
  outputs: Omit<AttemptOutputs, "entries">,
  { bold }: Pick<Palette, "bold">,
): string {
  const { attempt, ended, file_count: files, size_bytes: bytes, complete } = outputs;
  const atLeast = complete ? "" : "more than ";
  const count = `${atLeast}${files === 1 ? "1 file" : `${files} files`}, ${formatSize(bytes)}`;
  return `${bold(`Outputs of attempt ${attempt}`)}  ${count}${ended ? "" : ", so far"}`;
}

/** One entry in words; of what is no file size and time are empty. The name is as the job chose it, the others may be shown. */
export function entryWords(entry: OutputEntry): {
  readonly size: string;
  readonly time: string;
  readonly name: string;
  /** What follows the name: where a link leads to, or why something is not given out. */
  readonly rest: string;
} {
  const { kind, path: name } = entry;
  if (kind === "file") {
    return {
      size: formatSize(entry.size_bytes),
      time: localTime(entry.modified_at),
      name,
      rest: "",
    };
  }
  const rest =
    kind === "symlink"
      ? ` -> ${shortName(entry.target, LONGEST_SHOWN)}`
      : ` (${REASONS[entry.reason] ?? "not given out"})`;
  return { size: "", time: "", name, rest };
}

/** Two lines of a terminal; a name and what a link leads to may each be as long as fifty. */
const LONGEST_SHOWN = 150;

const REASONS: Readonly<Record<LeftOutReason, string>> = {
  "name-not-utf8": "name is not UTF-8",
  "name-holds-key": "name holds an API key",
  "not-a-file": "no file",
  "foreign-file": "file of another account",
  unreadable: "cannot be read",
  "path-too-long": "path too long",
};
