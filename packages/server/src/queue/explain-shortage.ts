// Tells what of the box a queued job waits for, and who has it.
import { formatSize } from "@fetchml/protocol";
import type { GpuProcess } from "../domain/gpu-use.ts";
import {
  pickNext,
  possibleJobs,
  type FreeResources,
  type ResourceKind,
  type Wait,
} from "../domain/pick-next.ts";
import { drained } from "../store/drains.ts";
import type { JobRow } from "../store/job-row.ts";
import { countAhead, startableJobs } from "../store/jobs-queue.ts";
import type { QueueContext } from "./context.ts";
import { roomlessNow, spareForProjects, withNeeds } from "./project-room.ts";
import { ROOM_PROMISED, roomlessLines, roomSentence } from "./room-words.ts";
import { amountOf, excessOf, wholeBox } from "./impossible-request.ts";
import { freeOf, jobsAlive, type AliveJob } from "./usage.ts";

/** Sentences, and the ids of the jobs that stand in the way. */
export interface Reasons {
  readonly lines: readonly string[];
  readonly behind: readonly number[];
}

/** Explains why a job does not start that nothing but the box keeps waiting. */
export function explainShortage(ctx: QueueContext, row: JobRow): Reasons {
  const excess = excessOf(row, ctx.totals);
  if (excess !== null) {
    return {
      lines: [`It asks for ${excess}, so it cannot start. "ml edit ${row.id}" can ask for less.`],
      behind: [],
    };
  }
  if (ctx.room.isShort()) return { lines: [roomSentence(ctx.room.look())], behind: [] };
  const roomless = roomlessNow(ctx)(row.id);
  if (roomless !== null) return { lines: roomlessLines(roomless), behind: [] };
  const alive = jobsAlive(ctx.db);
  const out = drained(ctx.db);
  const free = freeOf(ctx.totals, { alive, drained: out, others: ctx.gpuUse?.() });
  const disk = spareForProjects(ctx);
  const startable = withNeeds(startableJobs(ctx.db, ctx.clock.now(), disk !== null), ctx);
  const possible = possibleJobs(startable, wholeBox(ctx.totals));
  const { waits } = pickNext(possible, { ...free, ...(disk && { disk }) }, true);
  const wait = waits.find((each) => each.id === row.id);
  const ahead = countAhead(ctx.db, row.queue_rank);
  const place =
    ahead === 0
      ? "It is next in the queue."
      : `${ahead} queued ${ahead === 1 ? "job stands" : "jobs stand"} before it.`;
  if (wait?.is_roomless === true) return { lines: [ROOM_PROMISED, place], behind: [] };
  if (wait === undefined) return { lines: ["It is about to start.", place], behind: [] };
  const holders =
    wait.short_of.length === 0
      ? []
      : alive.filter((job) => wait.short_of.some((kind) => holds(job, kind)));
  const lines = wait.short_of.map((kind) => shortSentence(kind, row, { ctx, free, holders }));
  const gpusOut = ctx.totals.gpu_uuids.filter((uuid) => out.gpuUuids.has(uuid)).length;
  if (wait.short_of.includes("gpus") && gpusOut > 0) lines.push(drainedSentence(gpusOut));
  if (wait.short_of.includes("gpus")) lines.push(...othersSentences(ctx));
  if (wait.behind !== null) lines.push(behindSentence(wait, wait.behind));
  return {
    lines: [...lines, place],
    behind: [...holders.map((job) => job.row.id), ...(wait.behind === null ? [] : [wait.behind])],
  };
}

function drainedSentence(gpus: number): string {
  const are = gpus === 1 ? "1 GPU is" : `${gpus} GPUs are`;
  return `${are} drained and given to no job until the admin types "fetchml resume --gpu UUID".`;
}

/** One sentence a GPU that processes outside FetchML use. */
function othersSentences({ totals, gpuUse }: QueueContext): readonly string[] {
  const use = gpuUse?.();
  return totals.gpu_uuids.flatMap((uuid) => {
    const processes = use?.get(uuid) ?? [];
    if (processes.length === 0) return [];
    const named = processes.slice(0, 3).map(processWords).join(", ");
    const more = processes.length > 3 ? " and others" : "";
    return [`GPU ${uuid} is used outside FetchML, by ${named}${more}: no job gets it meanwhile.`];
  });
}

function processWords({ pid, name, user, memory_bytes }: GpuProcess): string {
  const known = [name, user, memory_bytes === null ? null : formatSize(memory_bytes)];
  const words = known.filter((word) => word !== null).join(", ");
  return `process ${pid}${words === "" ? "" : ` (${words})`}`;
}

function behindSentence(wait: Wait, behind: number): string {
  return wait.short_of.length === 0
    ? `What it needs is free, but job ${behind} came first and needs it.`
    : `Job ${behind} came first and waits for the same.`;
}

function holds({ row, gpu_uuids }: AliveJob, kind: ResourceKind): boolean {
  switch (kind) {
    case "cpus":
      return true;
    case "mem":
      return row.mem_bytes > 0;
    case "gpus":
      return gpu_uuids.length > 0;
  }
}

function shortSentence(
  kind: ResourceKind,
  row: JobRow,
  {
    ctx,
    free,
    holders,
  }: {
    readonly ctx: QueueContext;
    readonly free: FreeResources;
    readonly holders: readonly AliveJob[];
  },
): string {
  const by = holders
    .filter((job) => holds(job, kind))
    .map((job) => `${job.row.id} (${job.row.name}, ${job.row.user})`);
  const held =
    by.length === 0
      ? ""
      : `; the rest is held by ${by.slice(0, 5).join(", ")}${by.length > 5 ? " and others" : ""}`;
  return `It waits for ${amountOf(kind, row)}: ${amountIn(kind, free)} of ${amountIn(kind, ctx.totals)} free${held}.`;
}

function amountIn(kind: ResourceKind, { cpus, mem_bytes, gpu_uuids }: FreeResources): string {
  switch (kind) {
    case "cpus":
      return `${cpus}`;
    case "mem":
      return formatSize(mem_bytes);
    case "gpus":
      return `${gpu_uuids.length}`;
  }
}
