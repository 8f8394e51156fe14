// What a measurement was taken on.
import { readFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { join } from "node:path";

/** The machine and the versions, as they stand beside the figures. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memory_gb: number;
  readonly kernel: string;
  readonly system: string;
  readonly bun: string;
  readonly fetchml: string;
  /** CPUs that were busy in the moment before the row, when the bench did nothing: the work of others. */
  readonly busy_cpus: number;
}

/** Looks, which takes a moment: the CPUs are watched. */
export async function thisMachine(): Promise<Machine> {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: cpus().length,
    memory_gb: Math.round(totalmem() / 1e9),
    kernel: release(),
    system: /^PRETTY_NAME="(.*)"/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "Linux",
    bun: Bun.version,
    fetchml:
      /"version": "(.*)"/.exec(
        readFileSync(join(import.meta.dir, "..", "package.json"), "utf8"),
      )?.[1] ?? "unknown",
    busy_cpus: await busyCpus(),
  };
}

/** Long enough for a figure in steps of 0.02 CPUs. */
const WATCHED_MS = 500;

async function busyCpus(): Promise<number> {
  const before = busyMs();
  const begunAt = performance.now();
  await Bun.sleep(WATCHED_MS);
  return Number(((busyMs() - before) / (performance.now() - begunAt)).toFixed(2));
}

/** Processor time that the machine has spent on anything, waits for the disk left out. */
function busyMs(): number {
  return cpus().reduce(
    (sum, { times }) => sum + times.user + times.nice + times.sys + times.irq,
    0,
  );
}
