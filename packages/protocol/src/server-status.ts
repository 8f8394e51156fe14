// What `server.status` tells: the server, the caller, the box and the head of the queue.
import * as z from "zod/mini";
import { Job } from "./job.ts";
import { ROLES } from "./role.ts";

/** Who the caller is. `key_id` is `null` for the admin on the box's own socket. */
export const WhoAmI = z.object({
  user: z.string(),
  role: z.enum(ROLES),
  key_id: z.nullable(z.string()),
  key_label: z.nullable(z.string()),
  key_expires_at: z.nullable(z.int()),
});

export type WhoAmI = z.infer<typeof WhoAmI>;

/** One GPU of the box. */
export const Gpu = z.object({
  uuid: z.string(),
  index: z.int(),
  name: z.string(),
  memory_bytes: z.int(),
  /** Id of the job that has it; `null` when none has. */
  job_id: z.nullable(z.int()),
  /** Set when processes outside FetchML use it: it is then not given to jobs. */
  used_by_others: z.boolean(),
  /** Those processes, as far as they are known. */
  other_processes: z.array(
    z.object({
      /** As the box counts. */
      pid: z.int(),
      /** Its account; `null` where the server cannot see it. */
      user: z.nullable(z.string()),
      /** Name of its program; `null` as for `user`. */
      name: z.nullable(z.string()),
      /** Memory of the GPU that it has; `null` where the driver does not tell. */
      memory_bytes: z.nullable(z.int()),
    }),
  ),
  /** Set when the admin has taken it out of service: it is then not given to jobs. */
  drained: z.boolean(),
});

export type Gpu = z.infer<typeof Gpu>;

/** All that `ml status` shows. Times are epoch milliseconds. */
export const ServerStatus = z.object({
  server: z.object({
    version: z.string(),
    protocol_version: z.int(),
    started_at: z.int(),
    /** The server's clock, epoch milliseconds. */
    now: z.int(),
    sandbox: z.string(),
    /** Whether the kernel holds each job to its memory and processes, and ends all of it, by a cgroup. */
    cgroups: z.boolean(),
  }),
  me: WhoAmI,
  box: z.object({
    cpus: z.int(),
    cpus_free: z.int(),
    mem_bytes: z.int(),
    mem_bytes_free: z.int(),
    gpus: z.array(Gpu),
    /** Whether the box as a whole is out of service: nothing new starts. */
    drained: z.boolean(),
    /** The disk of the server's data. */
    disk: z.object({
      size_bytes: z.int(),
      free_bytes: z.int(),
      /** With less than that free no job is taken and none starts. */
      reserve_bytes: z.int(),
      /** How many more files and folders it takes, however small; `null` where it takes them as long as it has bytes. */
      files: z.nullable(
        z.object({
          free: z.int(),
          /** With fewer than that free no job is taken and none starts. */
          reserve: z.int(),
        }),
      ),
    }),
  }),
  counts: z.object({ queued: z.int(), running: z.int() }),
  /** Jobs that are starting, running or cancelling. */
  running: z.array(Job),
  /** The first queued jobs in the order of the queue, at most 20. */
  queued: z.array(Job),
});

export type ServerStatus = z.infer<typeof ServerStatus>;

/** What the server takes at most, whatever a project says of itself. */
export const ServerLimits = z.object({
  snapshot: z.object({
    /** Of all files together, each counted, also those of equal content. */
    max_size_bytes: z.int(),
    max_file_size_bytes: z.int(),
    /** Files and links together; and folders. */
    max_files: z.int(),
  }),
});

export type ServerLimits = z.infer<typeof ServerLimits>;
