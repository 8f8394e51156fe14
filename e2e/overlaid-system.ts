// This system with an own layer above it, in which packages are installed for real: what is written there is gone at the end.
import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runToEnd, until, type Ended } from "./box.ts";
import { childrenOf } from "./ssh-box.ts";

/** A system with mounts, processes and a layer of its own. Network and kernel are those of this machine. */
export interface OverlaidSystem {
  /** Runs a line of shell as root in it. */
  sh(line: string): Promise<Ended>;
  /** The same for a line that must succeed; answers what it printed. @throws Error with what it said */
  succeed(line: string): Promise<string>;
  /** Ends all its processes, and with them the layer. Safe twice. */
  close(): Promise<void>;
}

/** Whether this account may make one, else why not. */
export function whyNoOverlaidSystem(): string | null {
  if (process.getuid?.() !== 0) return "root, to mount a layer above this system";
  const { exitCode } = Bun.spawnSync(["unshare", "--mount", "sh", "-c", LAYER], {
    env: { PATH, place: "/mnt" },
    stdio: ["ignore", "ignore", "ignore"],
  });
  return exitCode === 0 ? null : "a kernel that mounts overlays";
}

/** Makes one in which a file of this machine can be read as well. @param shown path of a folder, the same there */
export async function openOverlaidSystem(shown: string): Promise<OverlaidSystem> {
  const place = mkdtempSync(join(tmpdir(), "fetchml-overlaid-"));
  const words = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", ENTER];
  const outer = Bun.spawn(words, {
    env: { PATH, place, shown },
    stdio: ["ignore", "pipe", "inherit"],
  });
  // Its first process, as this machine counts: the one that unshare has started.
  let first = "";
  await until(async () => {
    if (outer.exitCode !== null) throw new Error(`the layer cannot be made: ${outer.exitCode}`);
    first = childrenOf(outer.pid)[0]?.toString() ?? "";
    return first !== "" && (await enter(first, "test -e /run/is-overlaid")).code === 0;
  }, "the layer does not come up");
  const sh = (line: string) => enter(first, line);
  return {
    sh,
    succeed: async (line) => {
      const { code, stdout, stderr } = await sh(line);
      if (code !== 0) throw new Error(`${line} ended with ${code}:\n${stdout}${stderr}`);
      return stdout;
    },
    close: async () => {
      if (outer.exitCode !== null) return;
      outer.kill("SIGKILL");
      await outer.exited;
      rmdirSync(place);
    },
  };
}

function enter(pid: string, line: string): Promise<Ended> {
  const words = ["nsenter", `--target=${pid}`, "--mount", "--pid", "sh", "-c", `cd /root\n${line}`];
  const run = process.env["FETCHML_TEST_RUN"];
  return runToEnd(words, {
    env: { PATH, HOME: "/root", LC_ALL: "C.UTF-8", ...(run && { FETCHML_TEST_RUN: run }) },
  });
}

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Lays the layer, in memory, above the folder `/`. */
const LAYER = `
set -e
mount --make-rprivate /
mount -t tmpfs -o mode=0755 layer "$place"
mkdir "$place/files" "$place/work" "$place/root"
mount -t overlay -o "lowerdir=/,upperdir=$place/files,workdir=$place/work" overlay "$place/root"`;

/** Goes to live there, and waits; whatever loses its parent there is waited for. */
const ENTER = `${LAYER}
cd "$place/root"
for each in run tmp; do mount -t tmpfs -o mode=1777 "$each" "$each"; done
mount -t proc proc proc
mount --rbind /dev dev
mkdir -p "./$shown"
mount --bind "$shown" "./$shown"
pivot_root . mnt
cd /
umount --lazy /mnt
chmod 755 /run
touch /run/is-overlaid
while :; do sleep 1; done`;
