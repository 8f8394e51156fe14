// What `ml show --outputs` shows: everything that a job has left, and nothing else.
import type { OutputListing } from "@fetchml/client/pull";
import type { OutputEntry } from "@fetchml/protocol";
import { entryWords, outputsTitle } from "./outputs-text.ts";
import type { Palette } from "./palette.ts";
import { plainText } from "./plain-text.ts";
import { shownName } from "./shown-name.ts";

/** The lines, each ended by a line feed; the newest attempt first, names whole. May be a hundred thousand. */
export function* allOutputsText(
  listing: OutputListing,
  palette: Palette,
): Generator<string, void, undefined> {
  const { complete, attempts } = listing;
  for (const { attempt, ended } of attempts.toReversed()) {
    const entries = listing.entries
      .filter((one) => one.attempt === attempt)
      .map((one) => one.entry);
    if (entries.length === 0) continue;
    const sizes = entries.flatMap((entry) => (entry.kind === "file" ? [entry.size_bytes] : []));
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    // Which attempt has more than is listed is not told: the last line says it of all.
    const counts = { file_count: sizes.length, size_bytes: bytes, complete: true };
    yield `${outputsTitle({ attempt, ended, ...counts }, palette)}\n`;
    yield* linesOf(entries);
  }
  if (listing.entries.length === 0) {
    yield `Job ${plainText(`${listing.jobId} (${listing.name})`)} has left nothing in $ML_OUTPUT_DIR.\n`;
  }
  if (!complete) yield "There is more: the server lists no more than this.\n";
}

function* linesOf(entries: readonly OutputEntry[]): Generator<string, void, undefined> {
  const rows = entries.map(entryWords);
  const width = (column: "size" | "time"): number =>
    rows.reduce((most, row) => Math.max(most, row[column].length), 0);
  const [sizeWidth, timeWidth] = [width("size"), width("time")];
  for (const { size, time, name, rest } of rows) {
    yield `${size.padStart(sizeWidth)}  ${time.padEnd(timeWidth)}  ${shownName(name)}${rest}\n`;
  }
}
