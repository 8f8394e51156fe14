// What every act of the queue works with.
import type { Clock } from "../domain/clock.ts";
import type { GpuUse } from "../domain/gpu-use.ts";
import type { GuardRules } from "../domain/guard-rules.ts";
import type { DiskRoom } from "../domain/disk-room.ts";
import type { ProjectCost } from "../domain/project-room.ts";
import type { Database } from "../store/database.ts";
import type { CancelSweeps } from "./cancel-sweeps.ts";
import type { News } from "./news.ts";

/** What the box has in all. */
export interface Totals {
  readonly cpus: number;
  readonly mem_bytes: number;
  readonly gpu_uuids: readonly string[];
  /** Absolute paths that the admin shows to jobs; missing means none. */
  readonly mounts?: readonly string[];
}

/** What every act of the queue is handed. */
export interface QueueContext {
  readonly db: Database;
  readonly clock: Clock;
  readonly news: News;
  /** What cancels the many jobs of a user in slices. */
  readonly sweeps: CancelSweeps;
  readonly totals: Totals;
  readonly room: DiskRoom;
  /** Missing: laying out takes nothing worth a look. */
  readonly projects?: ProjectCost;
  /** What a job may take at most, as it is now; missing: as the defaults are. */
  readonly guards?: () => GuardRules;
  /** Who else uses the GPUs now; missing: nobody. */
  readonly gpuUse?: () => GpuUse;
  /** A random number from 0 up to 1, for what must not come all at once. */
  readonly random: () => number;
}
