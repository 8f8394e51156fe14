// What `ml status` shows.
import {
  formatDuration,
  formatSize,
  isKeyEndNear,
  timeLeftWords,
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
    fact(palette, "Sandbox", sandboxWords(server)),
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
    ...(box.drained ? [fact(palette, "", palette.bad("drained: nothing new starts"))] : []),
    fact(palette, "Disk", diskWords(box.disk, palette)),
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
  const left =
    me.key_expires_at === null ? "never expires" : timeLeftWords(me.key_expires_at - now);
  return `key ${plainText(me.key_id)}${label}, ${left}`;
}

/** A warning when the key ends soon; `null` while there is time. */
export function expiryWarning(me: WhoAmI, now: number): string | null {
  const { key_id: id, key_expires_at: endsAt } = me;
  if (endsAt === null || !isKeyEndNear(endsAt, now)) return null;
  return `Your key ${plainText(id ?? "")} has ${timeLeftWords(endsAt - now)}. Type "ml key rotate" for a new one.`;
}

/** `bubblewrap, with cgroups`. An older server does not say whether it has them. */
function sandboxWords({ sandbox, cgroups }: Partial<ServerStatus["server"]>): string {
  const held = cgroups === undefined ? "" : `, with${cgroups ? "" : "out"} cgroups`;
  return `${plainText(sandbox ?? "")}${held}`;
}

type Disk = ServerStatus["box"]["disk"];

/** `120 GiB of 1 TiB free`, and whether that is enough for new jobs. An older server does not tell of files. */
function diskWords(
  disk: Omit<Disk, "files"> & Partial<Pick<Disk, "files">>,
  palette: Palette,
): string {
  const { size_bytes, free_bytes, reserve_bytes, files = null } = disk;
  const words = `${formatSize(free_bytes)} of ${formatSize(size_bytes)} free`;
  const full = "no job is taken and none starts until";
  if (free_bytes < reserve_bytes) {
    return `${words}  ${palette.bad(`${full} ${formatSize(reserve_bytes)} are free`)}`;
  }
  if (files === null || files.free >= files.reserve) return words;
  const room = `room for ${files.free} more files, however small`;
  return `${words}, ${room}  ${palette.bad(`${full} there is room for ${files.reserve}`)}`;
}

function fact(palette: Palette, title: string, text: string): string {
  return `${palette.bold(title.padEnd(8))}  ${text}`;
}

/** Processes of others that are named for a GPU. */
const MOST_NAMED = 3;

function gpuWords(gpu: Gpu, palette: Palette): string {
  const name = `${gpu.index}  ${plainText(gpu.name)}  ${formatSize(gpu.memory_bytes)}${gpu.drained ? "  drained" : ""}`;
  const others = gpu.used_by_others ? `  ${palette.bad(othersWords(gpu))}` : "";
  if (gpu.job_id !== null) return `${name}  job ${gpu.job_id}${others}`;
  if (gpu.drained || gpu.used_by_others) return name + others;
  return `${name}  ${palette.good("free")}`;
}

/** `taken by others: process 812 (python3, bob, 3 GiB)`. */
function othersWords({ other_processes: processes }: Gpu): string {
  const words = processes.slice(0, MOST_NAMED).map(({ pid, name, user, memory_bytes }) => {
    const known = [
      ...[name, user].flatMap((word) => (word === null ? [] : [plainText(word)])),
      ...(memory_bytes === null ? [] : [formatSize(memory_bytes)]),
    ];
    return `process ${pid}${known.length === 0 ? "" : ` (${known.join(", ")})`}`;
  });
  const more = processes.length > MOST_NAMED ? " and others" : "";
  return words.length === 0 ? "taken by others" : `taken by others: ${words.join(", ")}${more}`;
}
