// Hostile jobs that only a cgroup can hold, beside those that any wall must hold.
import type { HostileJob, Kind } from "./hostile-jobs.ts";

const WALLS: readonly Kind[] = ["bubblewrap", "account"];
const EVERY: readonly Kind[] = [...WALLS, "cgroup"];

const MEM_BYTES = 64 * 1024 ** 2;

const eat = "python3 -c 'x = []\nwhile True: x.append(b\"x\" * 2 ** 20)'";

/** Jobs for a sandbox with a cgroup around each of them. */
export const HUNGRY_JOBS: readonly HostileJob[] = [
  {
    tries: "to take all memory",
    shell: `${eat}; echo ESCAPED`,
    heldBy: EVERY,
    memBytes: MEM_BYTES,
    outcome: "host-oom",
  },
  {
    tries: "to go on after a daemon of its own has taken all memory",
    shell: `setsid ${eat} & sleep 100; echo ESCAPED`,
    heldBy: EVERY,
    memBytes: MEM_BYTES,
    outcome: "host-oom",
  },
  {
    tries: "to take memory as shared memory",
    shell: "head -c 200M /dev/zero > /dev/shm/hoard && echo ESCAPED; exit 3",
    heldBy: ["bubblewrap"],
    memBytes: MEM_BYTES,
    outcome: "host-oom",
  },
  {
    tries: "to leave its cgroup, or to widen it",
    shell:
      "for d in $(find /sys/fs/cgroup -type d); do for f in cgroup.procs memory.max pids.max cgroup.kill; do (echo 0 > $d/$f) 2>/dev/null && echo ESCAPED $d/$f; done; done; mkdir /sys/fs/cgroup/mine && echo ESCAPED; :",
    heldBy: WALLS,
  },
];
