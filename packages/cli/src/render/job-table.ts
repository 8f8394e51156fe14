// Jobs as a table: the one look that status, list and the queue share.
import { formatDuration, formatSize, type Job, type Resources } from "@fetchml/protocol";
import { statePaint, stateWords } from "./outcome-words.ts";
import type { Palette } from "./palette.ts";
import { plainText } from "./plain-text.ts";
import { tableLines, type Column } from "./table.ts";

/** How jobs are shown. */
export interface JobTableLook {
  readonly palette: Palette;
  /** Columns of the terminal; `Infinity` where there is none. */
  readonly width: number;
  /** Epoch milliseconds, by the clock that the jobs' times come from where it is known. */
  readonly now: number;
}

/** One line a job, in the order given, below a line of titles. */
export function jobTable(jobs: readonly Job[], look: JobTableLook): string {
  const { palette, width, now } = look;
  const rows = jobs.map((job) => [
    String(job.id),
    plainText(job.name),
    plainText(job.user),
    {
      text: job.pinned ? `${stateWords(job)}, pinned` : stateWords(job),
      paint: statePaint(job, palette),
    },
    needsWords(job),
    runTime(job, now),
    formatDuration(wholeSeconds(now - job.created_at)),
  ]);
  return tableLines({ columns: COLUMNS, rows, width, paintTitles: palette.bold });
}

/** What a job asks for: `1 GPU, 4 CPUs, 16 GiB`. */
export function needsWords(needs: Resources): string {
  const parts = [needs.cpus === 1 ? "1 CPU" : `${needs.cpus} CPUs`];
  if (needs.gpus > 0) parts.unshift(needs.gpus === 1 ? "1 GPU" : `${needs.gpus} GPUs`);
  if (needs.mem_bytes > 0) parts.push(formatSize(needs.mem_bytes));
  return parts.join(", ");
}

/** How long the newest attempt has run or ran. */
function runTime(job: Job, now: number): string {
  if (job.started_at === null) return "-";
  return formatDuration(wholeSeconds((job.ended_at ?? now) - job.started_at));
}

const COLUMNS: readonly Column[] = [
  { title: "ID", align: "right" },
  { title: "NAME", shrinksTo: 12 },
  { title: "USER", shrinksTo: 6, optional: true },
  { title: "STATE" },
  { title: "NEEDS", optional: true },
  { title: "TIME", align: "right", optional: true },
  { title: "AGE", align: "right", optional: true },
];

/** The two clocks may differ, and a time below zero or in milliseconds would say nothing. */
function wholeSeconds(ms: number): number {
  return Math.max(0, Math.floor(ms / 1000)) * 1000;
}
