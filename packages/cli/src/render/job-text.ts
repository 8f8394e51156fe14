// What `ml show` shows of one job.
import { formatDuration, formatSize, type Attempt, type JobDetail } from "@fetchml/protocol";
import { commandWords, quotedWord } from "./command-words.ts";
import { gitWords } from "./git-words.ts";
import { needsWords } from "./job-table.ts";
import { localTime, relativeTime } from "./moment-words.ts";
import { jobWords, outcomeWords, statePaint, stateWords } from "./outcome-words.ts";
import type { Palette } from "./palette.ts";
import { plainText } from "./plain-text.ts";
import { removedWords } from "./removed-words.ts";
import { tableLines } from "./table.ts";

/** How it is shown. */
export interface JobLook {
  readonly palette: Palette;
  readonly width: number;
  readonly now: number;
}

/** All of the job that the caller may see, ended by a line feed. */
export function jobText(job: JobDetail, look: JobLook): string {
  const { palette, now } = look;
  const at = (time: number | null): string | null =>
    time === null ? null : `${localTime(time)} (${relativeTime(time, now)})`;
  const facts: readonly (readonly [title: string, text: string | null])[] = [
    ["Job", `${jobWords(job)} (${plainText(job.user)})`],
    ["State", statePaint(job, palette)(stateWords(job))],
    ["Outcome", job.outcome === null ? null : outcomeWords(job.outcome)],
    ["Needs", needsWords(job)],
    ["Limit", job.timeout_ms === null ? null : formatDuration(job.timeout_ms)],
    [
      "Silence",
      job.no_output_ms === null || job.no_output_ms === undefined
        ? null
        : `ends it after ${formatDuration(job.no_output_ms)}`,
    ],
    ["Warning", job.silence === undefined ? null : silenceWords(job.silence)],
    ["Retries", job.retries === 0 ? null : String(job.retries)],
    ["Queued", at(job.created_at)],
    ["Begins", job.state === "queued" ? at(job.eligible_at) : null],
    ["Started", at(job.started_at)],
    ["Ended", at(job.ended_at)],
    [
      "Ran",
      job.started_at === null ? null : formatDuration((job.ended_at ?? now) - job.started_at),
    ],
    ["Pinned", job.pinned ? "nothing of it is removed" : null],
    ["Removed", job.removed === undefined ? null : removedWords(job.removed)],
    ...privateFacts(job),
  ];
  const lines = facts.flatMap(([title, text]) =>
    text === null ? [] : [`${palette.bold(title.padEnd(8))}  ${text}\n`],
  );
  const attempts = job.attempts.length === 0 ? "" : `\n${attemptTable(job.attempts, look)}`;
  return lines.join("") + attempts;
}

function silenceWords({ silent_ms, limit_ms }: NonNullable<JobDetail["silence"]>): string {
  return `nothing written for ${formatDuration(silent_ms)}; ended when that has lasted ${formatDuration(limit_ms)}`;
}

function privateFacts(job: JobDetail): readonly (readonly [string, string | null])[] {
  const own = job.private;
  if (own === undefined) return [];
  const env = Object.entries(own.env).map(([name, value]) => `${name}=${quotedWord(value)}`);
  return [
    ["Command", plainText(commandWords(own.command))],
    ["Folder", own.cwd === "" ? null : plainText(own.cwd)],
    ["Env", env.length === 0 ? null : plainText(env.join(" "))],
    ["Setup", own.setup === null ? null : plainText(own.setup.command)],
    ["Retry on", job.retries === 0 ? null : own.retry_on.join(" ")],
    ["Mounts", own.mounts.length === 0 ? null : plainText(own.mounts.join(" "))],
    ["Secrets", own.secrets.length === 0 ? null : plainText(own.secrets.join(" "))],
    ["Snapshot", own.snapshot === null ? null : plainText(own.snapshot.slice(0, 12))],
    ["Git", own.git === null ? null : gitWords(own.git)],
    ["Redo of", own.redo_of === null ? null : String(own.redo_of)],
  ];
}

function attemptTable(attempts: readonly Attempt[], look: JobLook): string {
  // Nobody knows it of an attempt that runs, nor of a short one without a cgroup.
  const hasPeaks = attempts.some(({ peak_mem_bytes: bytes }) => bytes !== undefined);
  const rows = attempts.map((attempt) => [
    String(attempt.number),
    localTime(attempt.started_at),
    formatDuration(Math.max(0, (attempt.ended_at ?? look.now) - attempt.started_at)),
    String(attempt.gpu_uuids.length),
    ...(hasPeaks ? [peakWords(attempt)] : []),
    attempt.outcome === null ? "not ended" : outcomeWords(attempt.outcome),
  ]);
  const columns = [
    { title: "ATTEMPT", align: "right" },
    { title: "STARTED" },
    { title: "TIME", align: "right" },
    { title: "GPUS", align: "right", optional: true },
    ...(hasPeaks ? [{ title: "MEMORY", align: "right", optional: true } as const] : []),
    { title: "OUTCOME" },
  ] as const;
  return tableLines({ columns, rows, width: look.width, paintTitles: look.palette.bold });
}

/** `3 GiB`, or `≥ 3 GiB` where only the largest of its processes was seen. */
function peakWords({ peak_mem_bytes: bytes, peak_mem_of: of }: Attempt): string {
  if (bytes === undefined) return "";
  return of === "attempt" ? formatSize(bytes) : `≥ ${formatSize(bytes)}`;
}
