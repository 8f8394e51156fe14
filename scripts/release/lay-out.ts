// Lays the files of a release out in a folder, the same to the byte and to the second whenever it is done.
import {
  chmodSync,
  copyFileSync,
  globSync,
  mkdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { ReleaseFile } from "./release-plan.ts";

/** Where files come from, and where they go. */
export interface Layout {
  /** The project's root. */
  readonly root: string;
  /** The folder of what was built for one kind of machine, with the pages. */
  readonly made: string;
  /** The folder to fill. */
  readonly into: string;
}

/** Copies the files, each with its mode. @throws Error when one is missing */
export function layOut(files: readonly ReleaseFile[], { root, made, into }: Layout): void {
  for (const { from, to, mode, isGzipped } of files) {
    const source = from.startsWith("@made/") ? join(made, from.slice(6)) : join(root, from);
    const target = join(into, to);
    mkdirSync(dirname(target), { recursive: true, mode: 0o755 });
    if (isGzipped === true) writeFileSync(target, gzip(readFileSync(source)));
    else copyFileSync(source, target);
    chmodSync(target, mode);
  }
}

/** Gives everything in a folder one time, and folders mode 0755, whatever the umask was. Time in seconds since 1970. */
export function settle(folder: string, epochS: number): void {
  const paths = globSync("**", { cwd: folder }).map((path) => join(folder, path));
  for (const path of [...new Set([...paths, folder])].toSorted().toReversed()) {
    if (statSync(path).isDirectory()) chmodSync(path, 0o755);
    utimesSync(path, epochS, epochS);
  }
}

/** Compressed as well as it goes, with neither name nor time inside. */
function gzip(bytes: Uint8Array<ArrayBuffer>): Uint8Array {
  return Bun.gzipSync(bytes, { level: 9 });
}
