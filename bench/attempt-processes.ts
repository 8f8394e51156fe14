// The processes that an attempt has beside those of its job, and what they take.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What stands around a job while it runs. */
export interface Around {
  readonly processes: number;
  /** Of all of them together, each page counted once for all that share it. `null` where the kernel does not let one look. */
  readonly pssMb: number | null;
  /** Of all of them together, shared pages counted for each. */
  readonly rssMb: number;
}

/** Looks at a running attempt. @param control its control folder */
export function aroundJob(control: string): Around {
  const supervisor = pidIn(join(control, "supervisor"));
  const job = pidIn(join(control, "job"));
  const all = allProcesses();
  const own = new Set(familyOf(job, all));
  const pids = familyOf(supervisor, all).filter((pid) => !own.has(pid));
  const sums = pids.map((pid) => sumOf(pid, "smaps_rollup", "Pss"));
  return {
    processes: pids.length,
    pssMb: sums.includes(null) ? null : total(sums),
    rssMb: total(pids.map((pid) => sumOf(pid, "status", "VmRSS"))),
  };
}

function pidIn(file: string): number {
  return Number.parseInt(readFileSync(file, "utf8"), 10);
}

/** Children by the pid of their parent. */
function allProcesses(): ReadonlyMap<number, readonly number[]> {
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc")) {
    const stat = /^\d+$/.test(name) ? read(`/proc/${name}/stat`) : null;
    if (stat === null) continue;
    const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  return children;
}

function familyOf(pid: number, children: ReadonlyMap<number, readonly number[]>): number[] {
  return [pid, ...(children.get(pid) ?? []).flatMap((child) => familyOf(child, children))];
}

function sumOf(pid: number, file: string, field: string): number | null {
  const kb = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(
    read(`/proc/${pid}/${file}`) ?? "",
  )?.[1];
  return kb === undefined ? null : Number(kb) / 1000;
}

function total(values: readonly (number | null)[]): number {
  return values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
}

function read(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
