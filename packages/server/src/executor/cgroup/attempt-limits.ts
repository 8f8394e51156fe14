// The limits of one attempt as cgroup files hold them, and the line in its control folder from which they can be set again.

/** What an attempt may use at most; `null`: as much as there is. */
export interface CgroupLimits {
  readonly memBytes: number | null;
  /** Processes and threads together. */
  readonly processes: number | null;
  /** Its share of the processors where they do not suffice for all; no limit while others leave them idle. */
  readonly cpus: number;
}

/** A cgroup and what was written into it. */
export interface CgroupRecord {
  /** Absolute path of its folder. */
  readonly folder: string;
  readonly limits: CgroupLimits;
}

/**
 * The files of a cgroup that hold the limits, in the order of writing; later ones may be missing on a kernel without swap or
 * without the cpu controller. An attempt over its memory is not moved to the swap, which would slow down everybody, but ended,
 * and as a whole: what remains of a training without one of its processes seldom notices.
 */
export function limitFiles({ memBytes, processes, cpus }: CgroupLimits): readonly LimitFile[] {
  return [
    { name: "memory.max", text: orMax(memBytes), isNeeded: true },
    { name: "memory.oom.group", text: "1", isNeeded: true },
    { name: "pids.max", text: orMax(processes), isNeeded: true },
    { name: "memory.swap.max", text: memBytes === null ? "max" : "0", isNeeded: false },
    { name: "cpu.weight", text: String(cpuWeight(cpus)), isNeeded: false },
  ];
}

/** One file of a cgroup, and what is to stand in it. */
export interface LimitFile {
  readonly name: string;
  readonly text: string;
  /** Whether an attempt cannot do without it. */
  readonly isNeeded: boolean;
}

/** `control/cgroup`: "MEM_BYTES PROCESSES CPUS FOLDER", with `max` for no limit. */
export function formatCgroup({ folder, limits }: CgroupRecord): string {
  return `${orMax(limits.memBytes)} ${orMax(limits.processes)} ${limits.cpus} ${folder}`;
}

/** Parses the line of `control/cgroup`; `null` when it has another form. */
export function parseCgroup(text: string): CgroupRecord | null {
  const match = /^(\d{1,15}|max) (\d{1,15}|max) (\d{1,5}) (\/.+)$/.exec(text);
  const [, mem = "", processes = "", cpus = "", folder] = match ?? [];
  if (folder === undefined) return null;
  return {
    folder,
    limits: { memBytes: number(mem), processes: number(processes), cpus: Number(cpus) },
  };
}

/** The kernel takes 1 to 10,000, and 100 stands for one processor here. */
function cpuWeight(cpus: number): number {
  return Math.min(Math.max(Math.round(cpus * 100), 1), 10_000);
}

function orMax(value: number | null): string {
  return value === null ? "max" : String(value);
}

function number(text: string): number | null {
  return text === "max" ? null : Number(text);
}
