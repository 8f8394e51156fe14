// Lines words up in columns, for any script and for narrow terminals.
import type { Paint } from "./palette.ts";

/** One column. */
export interface Column {
  readonly title: string;
  /** Numbers stand right. Default left. */
  readonly align?: "right";
  /** The column may be cut to this many terminal columns where the line would be too long. */
  readonly shrinksTo?: number;
  /** Left out altogether where shrinking was not enough; the rightmost goes first. */
  readonly optional?: true;
}

/** One cell; its text holds no control characters. */
export type Cell = string | { readonly text: string; readonly paint: Paint };

/** What to lay out, and how wide it may become. */
export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  /** `Infinity` where nobody has to read it on a screen. */
  readonly width: number;
  readonly paintTitles: Paint;
}

/** The table as lines, each ended by a line feed; the titles first. */
export function tableLines(table: Table): string {
  const laid = fit(table);
  const titles = laid.map(({ column }) => ({ text: column.title, paint: table.paintTitles }));
  const lines = [titles, ...table.rows.map((row) => laid.map(({ index }) => row[index] ?? ""))];
  return lines.map((cells) => `${joined(cells, laid)}\n`).join("");
}

interface LaidColumn {
  readonly column: Column;
  readonly index: number;
  width: number;
}

const GAP = "  ";

function fit(table: Table): readonly LaidColumn[] {
  let laid = table.columns.map((column, index) => ({
    column,
    index,
    width: Math.max(
      Bun.stringWidth(column.title),
      ...table.rows.map((row) => Bun.stringWidth(textOf(row[index] ?? ""))),
    ),
  }));
  for (;;) {
    let excess = lineWidth(laid) - table.width;
    if (excess <= 0) return laid;
    for (const one of laid) {
      const floor = Math.max(one.column.shrinksTo ?? Infinity, Bun.stringWidth(one.column.title));
      const cut = Math.min(excess, Math.max(0, one.width - floor));
      one.width -= cut;
      excess -= cut;
    }
    if (excess <= 0) return laid;
    const last = laid.findLast(({ column }) => column.optional === true);
    if (last === undefined) return laid;
    laid = laid.filter((one) => one !== last);
  }
}

function lineWidth(laid: readonly LaidColumn[]): number {
  return laid.reduce((sum, { width }) => sum + width, GAP.length * (laid.length - 1));
}

function joined(cells: readonly Cell[], laid: readonly LaidColumn[]): string {
  const padded = laid.map(({ column, width }, place) => {
    const cell = cells[place] ?? "";
    const text = cutTo(textOf(cell), width);
    const space = " ".repeat(Math.max(0, width - Bun.stringWidth(text)));
    const painted = typeof cell === "string" ? text : cell.paint(text);
    if (column.align === "right") return space + painted;
    return place === laid.length - 1 ? painted : painted + space;
  });
  return padded.join(GAP).trimEnd();
}

function textOf(cell: Cell): string {
  return typeof cell === "string" ? cell : cell.text;
}

function cutTo(text: string, width: number): string {
  if (Bun.stringWidth(text) <= width) return text;
  const room = width - 1;
  const kept = Bun.sliceAnsi(text, 0, room);
  // It takes a wide letter that begins inside the range whole, and would then be one column too wide.
  const fits = Bun.stringWidth(kept) <= room;
  return `${fits ? kept : Bun.sliceAnsi(text, 0, room - 1)}…`;
}
