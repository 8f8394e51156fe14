// What `--dry-run` shows: what would be sent and run.
import type { FrozenProject } from "@fetchml/client/project";
import { formatDuration, formatSize, type Manifest } from "@fetchml/protocol";
import type { JobPlan } from "../job-plan.ts";
import { commandWords } from "./command-words.ts";
import { gitWords } from "./git-words.ts";
import { needsWords } from "./job-table.ts";
import { localTime } from "./moment-words.ts";
import type { Palette } from "./palette.ts";
import { plainText } from "./plain-text.ts";
import { tableLines } from "./table.ts";

/** How many of the largest files are named. */
const LARGEST_SHOWN = 5;

/** The page, ended by a line feed. */
export function planText(plan: JobPlan, frozen: FrozenProject, palette: Palette): string {
  const { request, project } = plan;
  const { manifest, totalBytes } = frozen.content();
  const files = filesOf(manifest);
  const env = Object.entries(request.env).map(([name, value]) => `${name}=${value}`);
  const facts: readonly (readonly [title: string, text: string | null])[] = [
    ["Job", request.name],
    ["Command", plainText(commandWords(request.command))],
    ["Folder", request.cwd === "" ? null : plainText(request.cwd)],
    ["Env", env.length === 0 ? null : plainText(env.join(" "))],
    [
      "Setup",
      request.setup === undefined || request.setup === null
        ? null
        : plainText(request.setup.command),
    ],
    [
      "Mounts",
      (request.mounts ?? []).length === 0 ? null : plainText((request.mounts ?? []).join(" ")),
    ],
    ["Secrets", (request.secrets ?? []).length === 0 ? null : (request.secrets ?? []).join(" ")],
    ["Needs", needsWords(request.resources)],
    ["Limit", request.timeout_ms === null ? null : formatDuration(request.timeout_ms)],
    [
      "Silence",
      request.no_output_ms === undefined || request.no_output_ms === null
        ? null
        : `ends it after ${formatDuration(request.no_output_ms)}`,
    ],
    ["Retries", request.retries === 0 ? null : String(request.retries)],
    ["Begins", request.begin_at === null ? null : localTime(request.begin_at)],
    ["Held", request.hold ? "yes" : null],
    ["Project", plainText(project.root)],
    ["Git", frozen.git === null ? null : gitWords(frozen.git)],
    ["Files", `${files.length}, ${formatSize(totalBytes)}`],
  ];
  const lines = facts.flatMap(([title, text]) =>
    text === null ? [] : [`${palette.bold(title.padEnd(8))}  ${text}\n`],
  );
  if (files.length === 0) return lines.join("");
  const largest = files
    .toSorted((a, b) => b.size_bytes - a.size_bytes)
    .slice(0, LARGEST_SHOWN)
    .map(({ path, size_bytes }) => [formatSize(size_bytes), plainText(path)]);
  const columns = [{ title: "SIZE", align: "right" }, { title: "LARGEST FILES" }] as const;
  const table = tableLines({ columns, rows: largest, width: Infinity, paintTitles: palette.bold });
  return `${lines.join("")}\n${table}`;
}

/** The plan as JSON: what `job.submit` would be sent, and the files. */
export function planJson(plan: JobPlan, frozen: FrozenProject): unknown {
  const { manifest, totalBytes } = frozen.content();
  return {
    ...plan.request,
    snapshot: frozen.snapshot,
    git: frozen.git,
    root: plan.project.root,
    files: filesOf(manifest),
    total_bytes: totalBytes,
  };
}

function filesOf(
  manifest: Manifest,
): readonly { readonly path: string; readonly size_bytes: number }[] {
  return manifest.entries.flatMap((entry) =>
    entry.kind === "file" ? [{ path: entry.path, size_bytes: entry.size_bytes }] : [],
  );
}
