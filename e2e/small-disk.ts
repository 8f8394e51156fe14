// A real file system of a few MB for tests of a full disk. To mount one takes root.
import { mkdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "bun:test";
import { until } from "./box.ts";
import { needsSystem, type DeclareTest } from "./system-tool.ts";

/** `test` itself where this account may mount and has these tools; else a `test` that is skipped and says why. */
export function needsMount(...tools: readonly string[]): DeclareTest {
  if (process.getuid?.() === 0) return needsSystem("mount", "umount", ...tools);
  return (name, body) => test.skip(`${name} (needs root, to mount a small disk)`, body);
}

/** A file system in a folder of its own. */
export interface SmallDisk {
  readonly path: string;
  freeBytes(): number;
  /** Fills it until so many bytes are free, or nothing can be written at all. */
  fill(freeBytes?: number): void;
  /** Gives back what {@link fill} took. */
  empty(): void;
  /** Takes it away with all that lies on it, as soon as nobody uses it any more. Safe twice. */
  close(): Promise<void>;
}

/**
 * Mounts one in a folder, which is made.
 * @param files how many files and folders it takes; default: more than its size allows
 */
export function mountSmallDisk(path: string, sizeBytes: number, files?: number): SmallDisk {
  mkdirSync(path, { recursive: true });
  const inodes = files === undefined ? "" : `,nr_inodes=${files}`;
  run(["mount", "-t", "tmpfs", "-o", `size=${sizeBytes},mode=0700${inodes}`, "tmpfs", path]);
  let isMounted = true;
  let ballasts = 0;
  const writeBallast = (bytes: number): boolean => {
    ballasts += 1;
    return writeAtMost(join(path, `ballast-${ballasts}`), bytes);
  };
  const freeBytes = (): number => {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  };
  return {
    path,
    freeBytes,
    fill: (free = 0) => {
      for (let bytes = freeBytes() - free; bytes > 0; bytes = freeBytes() - free) {
        writeBallast(bytes);
      }
      // Its own figure is off by a few pages.
      if (free === 0) while (writeBallast(1));
    },
    empty: () => {
      for (; ballasts > 0; ballasts--) rmSync(join(path, `ballast-${ballasts}`), { force: true });
    },
    close: async () => {
      if (!isMounted) return;
      // The supervisor of a job that has just ended may still be about to end.
      await until(() => isGone(path), `${path} is still in use`);
      isMounted = false;
    },
  };
}

/** False when there was no room: others write too, and may have taken some of it. */
function writeAtMost(path: string, bytes: number): boolean {
  try {
    writeFileSync(path, Buffer.alloc(bytes));
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOSPC") return false;
    throw error;
  }
}

function isGone(path: string): boolean {
  return Bun.spawnSync(["umount", path]).exitCode === 0;
}

function run(command: readonly string[]): void {
  const { exitCode, stderr } = Bun.spawnSync([...command]);
  if (exitCode !== 0) throw new Error(`${command.join(" ")}: ${stderr.toString()}`);
}
