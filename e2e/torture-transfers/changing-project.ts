// The project that is queued again and again: many small files, some large ones, one that is sent by itself and can be gone on with.
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Random } from "../torture/random.ts";

/** Writes a project of which nothing was there before into a folder, in the place of what it holds. */
export function writeNewCode(folder: string, random: Random): void {
  rmSync(folder, { recursive: true, force: true });
  // With an ml.toml it is a project of its own.
  write(folder, "ml.toml", new Uint8Array(0));
  for (let file = 0; file < SMALL_FILES; file += 1) {
    const path = `src/part-${file % 7}/module ${file}.py`;
    write(folder, path, bytesOf(random, random.whole(0, 6000)));
    if (random.chance(0.2)) chmodSync(join(folder, path), 0o755);
  }
  for (let file = 0; file < LARGE_FILES; file += 1) {
    write(folder, `data/table-${file}.bin`, bytesOf(random, random.whole(1_100_000, 1_600_000)));
  }
  write(folder, "data/weights.bin", bytesOf(random, random.whole(8_500_000, 9_500_000)));
  symlinkSync("data/weights.bin", join(folder, "latest"));
}

const SMALL_FILES = 150;

/** Too large to be held in memory on the way, too small to go on after a cut. */
const LARGE_FILES = 2;

function write(folder: string, path: string, content: Uint8Array): void {
  const place = join(folder, path);
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(place, content);
}

/** Bytes that hardly anything can compress. */
function bytesOf(random: Random, count: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(count / 4));
  for (let at = 0; at < words.length; at += 1) words[at] = random.whole(0, 0xff_ff_ff_ff);
  return new Uint8Array(words.buffer, 0, count);
}
