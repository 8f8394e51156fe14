// What a measurement was taken on.
import { readFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem } from "node:os";
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
  /** Of the last minute before the row: above one tenth of the cores others were at work. */
  readonly load: number;
}

/** Looks. */
export function thisMachine(): Machine {
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
    load: Number((loadavg()[0] ?? 0).toFixed(2)),
  };
}
