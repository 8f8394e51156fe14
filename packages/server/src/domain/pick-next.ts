// Decides which queued jobs start now, and why each of the others waits.
import type { Resources } from "@fetchml/protocol";
import { beside, hasRoomFor, type Room } from "./project-room.ts";

/** The resources a job can wait for. */
export type ResourceKind = "cpus" | "mem" | "gpus";

/** A queued job as the decision sees it, in the order of the queue. */
export interface QueuedJob extends Resources {
  readonly id: number;
  /** What laying out its project takes of the disk; missing: nothing worth a look. */
  readonly project?: Room;
}

/** What is free now. */
export interface FreeResources {
  readonly cpus: number;
  readonly mem_bytes: number;
  /** Free GPUs in the order in which they are given out. */
  readonly gpu_uuids: readonly string[];
  /** What projects may take of the disk; missing: as much as they want. */
  readonly disk?: Room;
}

/** A job to start, with the GPUs it gets. */
export interface Start {
  readonly id: number;
  readonly gpu_uuids: readonly string[];
}

/** A job that waits: for resources that are short, or for an older job that waits for one of them. */
export interface Wait {
  readonly id: number;
  readonly short_of: readonly ResourceKind[];
  /** The older job that waits for something this one would use; `null` when this one waits for the box alone. */
  readonly behind: number | null;
  /** The disk has no room for its project. It stands in nobody's way: that no job starts gives it none. */
  readonly is_roomless?: true;
}

/** What is decided about a queue. */
export interface Picks {
  readonly starts: readonly Start[];
  readonly waits: readonly Wait[];
}

/**
 * First come, first served; a job passes an older one only if it uses nothing that the older one waits for. Held jobs and
 * those whose time has not come are not among `queued`. Stops looking as soon as nothing behind could start, so `waits`
 * then ends with the job that closed the way, unless `explainAll` asks for every one.
 */
export function pickNext(
  queued: Iterable<QueuedJob>,
  free: FreeResources,
  explainAll = false,
): Picks {
  const starts: Start[] = [];
  const waits: Wait[] = [];
  const gpus = [...free.gpu_uuids];
  let cpus = free.cpus;
  let memBytes = free.mem_bytes;
  let disk = free.disk ?? ENDLESS;
  let roomless = 0;
  const waitedForBy = new Map<ResourceKind, number>();
  let firstToWait: QueuedJob | null = null;

  for (const job of queued) {
    const project = job.project ?? NOTHING;
    if (!hasRoomFor(project, disk)) {
      waits.push({ id: job.id, short_of: [], behind: null, is_roomless: true });
      roomless += 1;
      if (!explainAll && roomless === MOST_ROOMLESS) break;
      continue;
    }
    const uses = usedKinds(job);
    const left = { cpus, memBytes, gpus: gpus.length };
    const leftToPass = withoutShareOf(firstToWait, left);
    const short = uses.filter((kind) => isShort(kind, job, left));
    const blocked = uses.filter((kind) => waitedForBy.has(kind) || isShort(kind, job, leftToPass));
    if (blocked.length === 0) {
      cpus -= job.cpus;
      memBytes -= job.mem_bytes;
      disk = beside(project, disk);
      starts.push({ id: job.id, gpu_uuids: gpus.splice(0, job.gpus) });
      continue;
    }
    const owners = blocked.map(
      (kind) => waitedForBy.get(kind) ?? (short.includes(kind) ? null : (firstToWait?.id ?? null)),
    );
    waits.push({ id: job.id, short_of: short, behind: owners.find((id) => id !== null) ?? null });
    for (const kind of blocked) {
      if (!waitedForBy.has(kind)) waitedForBy.set(kind, job.id);
    }
    firstToWait ??= job;
    // Every job uses a CPU, so nobody behind a job that waits for CPUs can start.
    if (!explainAll && waitedForBy.has("cpus")) break;
  }
  return { starts, waits };
}

const NOTHING: Room = { bytes: 0, files: 0 };
const ENDLESS: Room = { bytes: Infinity, files: Infinity };

/** Jobs without room that one pick steps over: 10 ms. What stands behind more of them waits. */
const MOST_ROOMLESS = 5000;

/** What of a request is more than the box has in all; empty when the job could run on the idle box. */
export function neverFits(job: Resources, total: Resources): readonly ResourceKind[] {
  return usedKinds(job).filter((kind) =>
    isShort(kind, job, { cpus: total.cpus, memBytes: total.mem_bytes, gpus: total.gpus }),
  );
}

/** Without the jobs that the idle box could not run, for the box may have shrunk since: they would block the rest for ever. */
export function* possibleJobs(queued: Iterable<QueuedJob>, total: Resources): Generator<QueuedJob> {
  for (const job of queued) {
    if (neverFits(job, total).length === 0) yield job;
  }
}

interface Left {
  readonly cpus: number;
  readonly memBytes: number;
  readonly gpus: number;
}

/**
 * What others may take. Memory and GPUs that the first waiting job needs stay for it: else two kinds of younger jobs could
 * take the one while it waits for the other, by turns and for ever. CPUs need no share, since who waits for them closes the way.
 */
function withoutShareOf(first: QueuedJob | null, left: Left): Left {
  if (first === null) return left;
  return {
    cpus: left.cpus,
    memBytes: left.memBytes - first.mem_bytes,
    gpus: left.gpus - first.gpus,
  };
}

function usedKinds(job: Resources): readonly ResourceKind[] {
  const kinds: ResourceKind[] = ["cpus"];
  if (job.mem_bytes > 0) kinds.push("mem");
  if (job.gpus > 0) kinds.push("gpus");
  return kinds;
}

function isShort(kind: ResourceKind, job: Resources, free: Left): boolean {
  switch (kind) {
    case "cpus":
      return job.cpus > free.cpus;
    case "mem":
      return job.mem_bytes > free.memBytes;
    case "gpus":
      return job.gpus > free.gpus;
  }
}
