// How much changed in each file, a line for each.
import { formatSize, type ManifestEntry } from "@fetchml/protocol";
import { countLines, type FilePatch } from "../diff/file-patch.ts";
import { pathOf } from "../diff/tree-changes.ts";
import type { Palette } from "./palette.ts";
import { tableLines, type Cell } from "./table.ts";
import { visibleText } from "./visible-text.ts";

/** One changed file: how many lines came and went, and what else there is to say. */
export interface StatRow {
  readonly path: string;
  readonly added: number;
  readonly removed: number;
  readonly words: readonly string[];
}

/** What the table needs of a change; its lines may be forgotten. */
export function statRow(patch: FilePatch): StatRow {
  return { path: pathOf(patch.change), ...countLines(patch), words: wordsOf(patch) };
}

/** The table, and the sum of it. */
export function statText(
  rows: readonly StatRow[],
  look: { readonly palette: Palette; readonly width: number },
): string {
  const { palette, width } = look;
  const cells = rows.map(({ path, added, removed, words }): readonly Cell[] => [
    countCell(added, "+", palette.good),
    countCell(removed, "-", palette.bad),
    visibleText(path),
    words.join(", "),
  ]);
  const table = tableLines({ columns: COLUMNS, rows: cells, width, paintTitles: palette.bold });
  const sum = (of: "added" | "removed") => rows.reduce((total, row) => total + row[of], 0);
  // A file that has become a link has two rows.
  const paths = new Set(rows.map(({ path }) => path)).size;
  const files = paths === 1 ? "1 file" : `${paths} files`;
  return `${table}${files} changed, +${sum("added")} -${sum("removed")} lines\n`;
}

const COLUMNS = [
  { title: "CAME", align: "right" },
  { title: "WENT", align: "right" },
  { title: "FILE", shrinksTo: 20 },
  { title: "" },
] as const;

function countCell(count: number, sign: string, paint: Palette["good"]): Cell {
  return count === 0 ? "" : { text: sign + String(count), paint };
}

function wordsOf({ change, without }: FilePatch): readonly string[] {
  const { before, after, kind } = change;
  const words: string[] = [];
  const isLink = (after ?? before)?.kind === "symlink";
  if (kind === "added") words.push(isLink ? "new link" : "new");
  if (kind === "removed") words.push(isLink ? "link gone" : "gone");
  if (kind === "changed" && isLink) words.push("link");
  if (kind === "renamed") words.push(`was ${visibleText(before?.path ?? "")}`);
  if (before?.kind === "file" && after?.kind === "file" && before.executable !== after.executable) {
    words.push(after.executable ? "now executable" : "no longer executable");
  }
  if (without !== null) words.push(without, `${sizeWords(before)} → ${sizeWords(after)}`);
  return words;
}

function sizeWords(entry: ManifestEntry | null): string {
  return entry?.kind === "file" ? formatSize(entry.size_bytes) : "nothing";
}
