// Hostile jobs that want to fill the box, or to have its files given away as their own outputs.
import type { HostileJob } from "./hostile-jobs.ts";

/** They run with a log of 4 MiB and 16 MiB of disk. */
export const HOARDERS: readonly HostileJob[] = [
  {
    tries: "to fill the disk by its log",
    shell: "yes to-fill-the-disk | head -c 60000000; exit 3",
    heldBy: ["none", "bubblewrap", "account"],
    outcome: "exited 3",
  },
  {
    tries: "to fill the disk by a log that is one line",
    shell: "head -c 60000000 /dev/zero | tr '\\0' x; exit 3",
    heldBy: ["none", "bubblewrap", "account"],
    outcome: "exited 3",
  },
  {
    tries: "to fill the disk by its outputs",
    shell: 'head -c 40000000 /dev/zero > "$ML_OUTPUT_DIR/a"; exec sleep 100000',
    heldBy: ["none", "bubblewrap", "account"],
    outcome: "disk-full 143",
  },
  {
    tries: "to fill the disk by many small files",
    shell:
      'i=0; while :; do i=$((i + 1)); head -c 100000 /dev/zero > "$ML_CHECKPOINT_DIR/$i"; done',
    heldBy: ["none", "bubblewrap", "account"],
    outcome: "disk-full 143",
  },
  {
    tries: "to have the box's files given away as links in its outputs",
    shell:
      'cd "$ML_OUTPUT_DIR"; ln -s "$DATA/fetchml.db" link; ln -s "$DATA" folder; ln -s /proc/self/fd fds; ln "$DATA/fetchml.db" hard && echo ESCAPED; mkfifo pipe; :',
    heldBy: ["bubblewrap", "account"],
  },
];
