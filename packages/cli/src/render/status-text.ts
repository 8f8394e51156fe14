// What `ml status` shows.
import {
  formatDuration,
  formatSize,
  type Gpu,
  type ServerStatus,
  type WhoAmI,
} from "@fetchml/protocol";
import { jobTable, type JobTableLook } from "./job-table.ts";
import type { Palette } from "./palette.ts";
import { plainText } from "./plain-text.ts";

/** What this machine knows of the way to the server. */
export interface WayToServer {
  readonly apiUrl: string;
  /** Where the key came from, such as `~/.ml/config.toml`. */
  readonly keySource: string;
}

/** Days before the end of a key from which on every `ml status` warns. */
const WARN_DAYS = 14;

const DAY_MS = 86_400_000;

/** The whole page, ended by a line feed. */
export function statusText(
  status: ServerStatus,
  way: WayToServer,
  look: Omit<JobTableLook, "now">,
): string {
  const { server, me, box, counts } = status;
  const { palette } = look;
  const up = formatDuration(Math.max(0, server.now - server.started_at));
  const lines = [
    fact(palette, "Server", `FetchML ${plainText(server.version)} at ${way.apiUrl}, up ${up}`),
    fact(palette, "Sandbox", plainText(server.sandbox)),
    fact(palette, "Me", `${personWords(me)}, ${keyWords(me, server.now)}`),
    fact(palette, "Key from", way.keySource),
    fact(palette, "CPUs", `${box.cpus_free} of ${box.cpus} free`),
    fact(
      palette,
      "Memory",
      `${formatSize(box.mem_bytes_free)} of ${formatSize(box.mem_bytes)} free`,
    ),
    ...box.gpus.map((gpu, place) =>
      fact(palette, place === 0 ? "GPUs" : "", gpuWords(gpu, palette)),
    ),
    ...(box.gpus.length === 0 ? [fact(palette, "GPUs", "none")] : []),
    fact(palette, "Jobs", `${counts.running} running, ${counts.queued} queued`),
  ];
  const jobs = [...status.running, ...status.queued];
  const table = jobs.length === 0 ? "" : `\n${jobTable(jobs, { ...look, now: server.now })}`;
  const hidden = counts.queued - status.queued.length;
  const more = hidden > 0 ? `and ${hidden} more queued: "ml queue"\n` : "";
  return `${lines.join("\n")}\n${table}${more}`;
}

/** `alice (member)`. */
export function personWords(me: WhoAmI): string {
  return `${plainText(me.user)} (${me.role})`;
}

/** `key kpaz "laptop", 170 days left`. */
export function keyWords(me: WhoAmI, now: number): string {
  if (me.key_id === null) return "the admin on the box";
  const label = me.key_label === null ? "" : ` "${plainText(me.key_label)}"`;
  const left = me.key_expires_at === null ? "never expires" : daysLeft(me.key_expires_at - now);
  return `key ${plainText(me.key_id)}${label}, ${left}`;
}

/** A warning when the key ends soon; `null` while there is time. */
export function expiryWarning(me: WhoAmI, now: number): string | null {
  if (me.key_expires_at === null) return null;
  const leftMs = me.key_expires_at - now;
  if (leftMs > WARN_DAYS * DAY_MS) return null;
  return `Your key ${plainText(me.key_id ?? "")} has ${daysLeft(leftMs)}. Ask your admin for a new one, then "ml login".`;
}

function daysLeft(leftMs: number): string {
  if (leftMs < DAY_MS) return `${formatDuration(Math.max(0, leftMs))} left`;
  // A key of 180 days has 180 days left a moment after it was issued.
  return `${Math.ceil(leftMs / DAY_MS)} days left`;
}

function fact(palette: Palette, title: string, text: string): string {
  return `${palette.bold(title.padEnd(8))}  ${text}`;
}

function gpuWords(gpu: Gpu, palette: Palette): string {
  const name = `${gpu.index}  ${plainText(gpu.name)}  ${formatSize(gpu.memory_bytes)}`;
  if (gpu.job_id !== null) return `${name}  job ${gpu.job_id}`;
  return `${name}  ${gpu.used_by_others ? palette.bad("taken by others") : palette.good("free")}`;
}
