// Which queued jobs the disk has no room for, so that they wait and hold nothing meanwhile.
import {
  beside,
  hasRoomFor,
  needOf,
  spareOf,
  type ProjectCost,
  type Room,
} from "../domain/project-room.ts";
import type { DiskRoom } from "../domain/disk-room.ts";
import type { QueuedJob } from "../domain/pick-next.ts";
import type { Database } from "../store/database.ts";
import { projectOf, startingProjects, type StartableJob } from "../store/job-projects.ts";

/** What it takes to look whether the disk has room for projects. */
export interface ProjectContext {
  readonly db: Database;
  readonly room: DiskRoom;
  readonly totals: { readonly cpus: number };
  /** Missing: laying out takes nothing worth a look. */
  readonly projects?: ProjectCost;
}

/**
 * What of the disk the next projects may take; `null` while it has room for so many of the largest ones as could start at once,
 * so that none needs to be looked at. Jobs whose files are being laid out count in whole.
 */
export function spareForProjects({ db, room, totals, projects }: ProjectContext): Room | null {
  if (projects === undefined) return null;
  const { takesBytes, largest } = projects;
  const spare = spareOf(room.look());
  // Each job takes a CPU.
  const most = {
    size_bytes: largest.size_bytes * totals.cpus,
    file_count: largest.file_count * totals.cpus,
  };
  if (hasRoomFor(needOf(most, takesBytes), spare)) return null;
  return beside(needOf(startingProjects(db), takesBytes), spare);
}

/** Jobs with what each takes of the disk, where that is to be looked at. */
export function* withNeeds(
  jobs: Iterable<StartableJob>,
  { projects }: Pick<ProjectContext, "projects">,
): Generator<QueuedJob> {
  for (const { size_bytes, file_count, ...job } of jobs) {
    if (typeof size_bytes !== "number" || typeof file_count !== "number") yield job;
    else if (projects === undefined) yield job;
    else yield { ...job, project: needOf({ size_bytes, file_count }, projects.takesBytes) };
  }
}

/** A project for which there is no room now. */
export interface Roomless {
  readonly need: Room;
  readonly spare: Room;
}

/** Says of a queued job whether the disk has no room for its project now. The disk is looked at once, when first asked. */
export function roomlessNow(ctx: ProjectContext): (jobId: number) => Roomless | null {
  let seen: { readonly spare: Room | null } | null = null;
  return (jobId) => {
    seen ??= { spare: spareForProjects(ctx) };
    const { spare } = seen;
    const size = spare === null ? null : projectOf(ctx.db, jobId);
    if (spare === null || size === null) return null;
    const need = needOf(size, ctx.projects?.takesBytes ?? false);
    return hasRoomFor(need, spare) ? null : { need, spare };
  };
}
