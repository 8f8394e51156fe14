// The jobs of the escape suite: what each tries, with which sandboxes it must fail, and how it ends.
import type { SandboxPlan } from "../sandbox/sandbox-plan.ts";

/** A sandbox, or a cgroup around a job that has none. */
export type Kind = SandboxPlan["kind"] | "cgroup";

/** One hostile job. It prints `ESCAPED` where it got what it wanted; the box's secret in its log counts as that too. */
export interface HostileJob {
  readonly tries: string;
  readonly shell: string;
  /** The sandboxes that must hold it. */
  readonly heldBy: readonly Kind[];
  /** Its outcome; default `exited 0`. */
  readonly outcome?: string | RegExp;
  /** Words that its log must hold besides. */
  readonly says?: string;
  readonly env?: Record<string, string>;
  /** The memory that it asked for, in bytes. */
  readonly memBytes?: number;
  /** It is cancelled with this grace once it has said `ready`. */
  readonly cancelMs?: number;
}

const WALLS: readonly Kind[] = ["bubblewrap", "account"];
const HELD: readonly Kind[] = [...WALLS, "cgroup"];
const ALL: readonly Kind[] = ["none", "bubblewrap", "account"];
const BUBBLEWRAP: readonly Kind[] = ["bubblewrap"];

const python = (...lines: readonly string[]) =>
  `python3 - <<'PYTHON'\n${lines.join("\n")}\nPYTHON\n:`;

/** Jobs that want to read what is not theirs. */
const READERS: readonly HostileJob[] = [
  { tries: "to read the database", shell: 'cat "$DATA/fetchml.db"; :', heldBy: WALLS },
  { tries: "to list the data folder", shell: 'ls "$DATA" && echo ESCAPED; :', heldBy: WALLS },
  {
    tries: "to speak to the admin's socket",
    shell: python(
      "import os, socket",
      "s = socket.socket(socket.AF_UNIX)",
      "try:",
      "    s.connect(os.environ['DATA'] + '/fetchml.sock')",
      "    print(s.recv(100))",
      "except OSError as e: print('held:', e)",
    ),
    heldBy: WALLS,
    says: "held:",
  },
  {
    tries: "to read the environment of the server",
    shell: "tr '\\0' '\\n' </proc/$SERVER/environ; :",
    heldBy: WALLS,
  },
  {
    tries: "to read the environment of another job",
    shell: "tr '\\0' '\\n' </proc/$BOB/environ | grep '^ML_USER=bob' && echo ESCAPED; :",
    heldBy: WALLS,
  },
  {
    tries: "to read files of another job through /proc",
    shell: "cat /proc/$BOB/cwd/treasure /proc/$BOB/root/etc/hostname && echo ESCAPED; :",
    heldBy: WALLS,
  },
  {
    tries: "to read another attempt's project",
    shell: 'cat "$DATA/attempts/1.1/job/work/treasure" ../../../1.1/job/work/treasure; :',
    heldBy: WALLS,
  },
  {
    tries: "to read another attempt's outputs",
    shell: 'cat "$DATA/attempts/1.1/job/outputs/treasure"; :',
    heldBy: WALLS,
  },
  {
    tries: "to read another job's checkpoints",
    shell: 'cat "$DATA/checkpoints/1/treasure" "$ML_CHECKPOINT_DIR/../1/treasure"; :',
    heldBy: WALLS,
  },
  {
    tries: "to read another user's home",
    shell: 'cat "$DATA/homes/bob/treasure" /home/bob/treasure ~bob/treasure ~/../bob/treasure; :',
    heldBy: WALLS,
  },
  {
    tries: "to read control files, another's and its own",
    shell: 'cat "$DATA"/attempts/*/control/* ../../control/log && echo ESCAPED; :',
    heldBy: WALLS,
  },
  {
    tries: "to read the passwords of the box",
    shell: "cat /etc/shadow && echo ESCAPED; :",
    heldBy: WALLS,
  },
  {
    tries: "to look into the homes of people and services",
    shell: "ls -A /root /run /var/lib 2>/dev/null | grep -v ':$' | grep . && echo ESCAPED; :",
    heldBy: BUBBLEWRAP,
  },
  {
    tries: "to see processes outside",
    shell: "ls /proc | grep -c '^[0-9]' | { read n; [ $n -lt 8 ] || echo ESCAPED; }; :",
    heldBy: BUBBLEWRAP,
  },
  {
    tries: "to read a shared-memory file of another job",
    shell: "ls -A /dev/shm | grep . && echo ESCAPED; :",
    heldBy: BUBBLEWRAP,
  },
];

/** Jobs that want to harm somebody. */
const HARMERS: readonly HostileJob[] = [
  { tries: "to kill the server", shell: "kill -9 $SERVER && echo ESCAPED; :", heldBy: WALLS },
  {
    tries: "to kill another user's job",
    shell: "kill -9 $BOB && echo ESCAPED; kill -9 -- -$BOB && echo ESCAPED; :",
    heldBy: WALLS,
  },
  { tries: "kill -9 -1", shell: "kill -9 -- -1; :", heldBy: WALLS, outcome: /^exited (0|137)$/ },
  {
    tries: "to end the processes that watch over it",
    shell:
      "for p in $PPID $((PPID - 1)) $((PPID - 2)); do [ $p -le 0 ] || kill -9 $p; done; exit 5",
    heldBy: WALLS,
    outcome: "exited 5",
  },
  {
    tries: "to attach to the server as a debugger",
    shell: python(
      "import ctypes, os",
      "r = ctypes.CDLL(None).ptrace(16, int(os.environ['SERVER']), 0, 0)",
      "print('held' if r == -1 else 'ESCAPED')",
    ),
    heldBy: WALLS,
    says: "held",
  },
  {
    tries: "to write into the system",
    shell:
      "for p in /usr/bin /etc /opt /lib /sys/kernel /proc/sys/kernel /; do touch $p/x && echo ESCAPED; done; echo 1 > /proc/sys/kernel/panic && echo ESCAPED; :",
    heldBy: WALLS,
  },
  {
    tries: "to write to devices of the box",
    shell:
      "for d in /dev/vda /dev/sda /dev/nvme0n1 /dev/mem /dev/kmsg; do dd if=/dev/null of=$d conv=notrunc && echo ESCAPED; done; :",
    heldBy: WALLS,
  },
  {
    tries: "to make a device",
    shell: "mknod disk b 254 0 && cat disk >/dev/null && echo ESCAPED; :",
    heldBy: WALLS,
  },
  {
    tries: "to change mounts",
    shell:
      "umount /etc && echo ESCAPED; umount -l /job/work && echo ESCAPED; mount -t tmpfs none /mnt && echo ESCAPED; mount -o remount,rw / && echo ESCAPED; :",
    heldBy: WALLS,
  },
  {
    tries: "to be root in a user namespace",
    shell: "unshare --user --map-root-user true && echo ESCAPED; :",
    heldBy: BUBBLEWRAP,
  },
  {
    tries: "to use a user namespace to read the database",
    shell: 'unshare --user --map-root-user --mount --pid --fork cat "$DATA/fetchml.db"; :',
    heldBy: WALLS,
  },
  {
    tries: "to gain rights by a setuid program or a capability",
    shell: "grep -E '^(CapEff|CapPrm|NoNewPrivs)' /proc/self/status | tr -d '\\t' | tr '\\n' ' '",
    heldBy: WALLS,
    says: "CapPrm:0000000000000000 CapEff:0000000000000000 NoNewPrivs:1",
  },
  {
    tries: "to use groups of the server's account",
    shell: 'case " $(id -G) " in *" 0 "*|*" 999 "*) echo ESCAPED;; esac; :',
    heldBy: WALLS,
  },
  { tries: "to type into a terminal", shell: "(exec 3<>/dev/tty) && echo ESCAPED; :", heldBy: ALL },
];

/** Jobs that want to stay, or to lie about how they ended. */
const STAYERS: readonly HostileJob[] = [
  {
    tries: "to stay as a daemon by setsid",
    shell: "setsid sleep 100000 & sleep 0.1",
    heldBy: HELD,
  },
  {
    tries: "to stay by double fork and nohup",
    shell: "(setsid nohup sh -c 'sleep 100000 & sleep 100001' >/dev/null 2>&1 &) ; sleep 0.1",
    heldBy: HELD,
  },
  {
    tries: "to stay with every signal ignored and an empty environment",
    shell:
      "setsid sh -c \"trap '' TERM HUP INT; exec env -i MARK=$MARK sleep 100000\" & sleep 0.1; exit 3",
    heldBy: HELD,
    outcome: "exited 3",
  },
  {
    tries: "to stay after a cancel",
    shell:
      "setsid sh -c \"trap '' TERM; sleep 100000\" & trap '' TERM; echo ready; while :; do sleep 0.05; done",
    heldBy: HELD,
    outcome: "cancelled 137",
    cancelMs: 200,
  },
  {
    tries: "a fork bomb",
    shell: "bomb() { bomb | bomb & }; bomb 2>/dev/null; sleep 0.5; exit 4",
    heldBy: HELD,
    outcome: /^exited/,
  },
  {
    tries: "to kill or stop the first process of its sandbox",
    shell: "kill -9 1; kill -STOP 1; kill -TERM 1; exit 6",
    heldBy: BUBBLEWRAP,
    outcome: "exited 6",
  },
  {
    tries: "to write its own exit file",
    shell:
      "for f in ../../control/exit ../control/exit \"$DATA/attempts\"/*/control/exit; do echo 'exited 0' > $f; done; exit 9",
    heldBy: WALLS,
    outcome: "exited 9",
  },
  {
    tries: "to wipe its log",
    shell: "echo kept; : > /dev/stdout; : > /proc/self/fd/2; truncate -s 0 /dev/stdout; exit 0",
    heldBy: ALL,
    says: "kept",
  },
  {
    tries: "to end its log for ever by holding the pipe",
    shell: "setsid sleep 100000 & exit 7",
    heldBy: HELD,
    outcome: "exited 7",
  },
  {
    tries: "to fill the pipe to its minder with a line without end",
    shell: "echo ready; cat /dev/zero > /proc/1/fd/8; while :; do sleep 0.05; done",
    heldBy: BUBBLEWRAP,
    outcome: /^cancelled/,
    cancelMs: 200,
  },
  {
    tries: "to speak to its minder as its sandbox would",
    shell: "trap '' TERM; echo ready; echo 'ended 0' > /proc/1/fd/8; while :; do sleep 0.05; done",
    heldBy: BUBBLEWRAP,
    outcome: /^(exited|cancelled)/,
    cancelMs: 200,
  },
  {
    tries: "to keep its sandbox from ending by holding its pipes",
    shell: "setsid sh -c 'exec 3<>/proc/1/fd/0; trap \"\" TERM; sleep 100000' & sleep 0.1; exit 8",
    heldBy: BUBBLEWRAP,
    outcome: "exited 8",
  },
  {
    tries: "to put a link in the place of its outputs",
    shell:
      "mv /job/outputs /job/x && echo ESCAPED; rmdir /job/outputs && echo ESCAPED; ln -sfn /etc /job/outputs 2>/dev/null; [ ! -L /job/outputs ] || echo ESCAPED; :",
    heldBy: BUBBLEWRAP,
  },
  {
    tries: "to load a library into what starts it",
    shell: ":",
    heldBy: ALL,
    env: {
      LD_PRELOAD: "/nowhere/evil.so",
      LD_LIBRARY_PATH: "/nowhere",
      ENV: "/nowhere",
      BASH_ENV: "/nowhere",
    },
  },
];

/** All of them. */
export const HOSTILE_JOBS: readonly HostileJob[] = [...READERS, ...HARMERS, ...STAYERS];
