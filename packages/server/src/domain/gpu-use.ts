// What uses the box's GPUs besides the jobs: processes that somebody started outside FetchML.

/** A process outside FetchML that has memory of a GPU. */
export interface GpuProcess {
  /** As the box counts; a server in a container sees pids it cannot look up. */
  readonly pid: number;
  /** Name or number of its account; `null` where it cannot be looked up. */
  readonly user: string | null;
  /** Name of its program; `null` as for `user`. */
  readonly name: string | null;
  /** Memory of the GPU that it has; `null` where the driver does not tell. */
  readonly memory_bytes: number | null;
}

/** The processes outside FetchML by UUID of the GPU; one that nobody else uses is not in there. */
export type GpuUse = ReadonlyMap<string, readonly GpuProcess[]>;
