// The cgroups of all attempts of one data folder, as the local executor uses them.
import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import type { AttemptKey } from "../../domain/attempt-key.ts";
import type { AttemptSpec } from "../../domain/attempt-spec.ts";
import { readExit } from "../local/attempt-records.ts";
import {
  cgroupOf,
  makeAttemptCgroup,
  removeAttemptCgroup,
  removeCgroup,
  renewLimits,
} from "./attempt-cgroup.ts";

/** What the executor does with cgroups. Without a folder to make them in, an attempt gets none. */
export interface AttemptCgroups {
  /**
   * Makes the cgroup of an attempt, before its supervisor starts.
   *
   * @throws FetchmlError box-unfit when the kernel refuses.
   */
  make(control: string, spec: AttemptSpec): void;
  /** Sets the limits of an attempt that was adopted once more. */
  renew(control: string): void;
  /** Removes the cgroup of an attempt that has ended. */
  remove(control: string): void;
  /** Removes those of attempts that have ended, or are gone, while no server was there to do it. */
  sweep(): void;
}

/**
 * The cgroups of a data folder. Their names hold its device and inode: two servers may share a folder of cgroups, and what a copied
 * data folder names belongs to the original.
 *
 * @param folder cgroup in which each attempt gets its own; `null`: they get none.
 */
export function attemptCgroups(folder: string | null, dataDir: string): AttemptCgroups {
  const { dev, ino } = statSync(dataDir, { bigint: true });
  const prefix = `${dev}.${ino}-`;
  const remove = (control: string): void => {
    const own = cgroupOf(control);
    if (own !== null && basename(own).startsWith(prefix)) removeAttemptCgroup(control);
  };
  return {
    make(control, { memBytes, cpus, limits, ...key }) {
      if (folder === null) return;
      makeAttemptCgroup(control, join(folder, `${prefix}${nameOf(key)}`), {
        memBytes: memBytes === 0 ? null : memBytes,
        processes: limits.processes,
        cpus,
      });
    },
    renew(control) {
      if (folder !== null) renewLimits(control);
    },
    remove,
    sweep() {
      const names = folder === null ? [] : readdirSync(folder);
      for (const name of names) {
        if (!name.startsWith(prefix)) continue;
        const control = join(dataDir, "attempts", name.slice(prefix.length), "control");
        if (!existsSync(control)) removeCgroup(join(folder ?? "", name));
        else if (readExit(control) !== null) remove(control);
      }
    },
  };
}

function nameOf({ jobId, attempt }: AttemptKey): string {
  return `${jobId}.${attempt}`;
}
