// Says in one hash what an executable would be made of, and remembers it beside the executable.

import { createHash } from "node:crypto";
import { globSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isTestFile } from "../floors.ts";

/** The hash of everything a build reads: sources without tests, package files, lock file, Bun itself, and `words`, its arguments. */
export function hashInputs(root: string, words: readonly string[]): string {
  const patterns = ["packages/*/src/**", "packages/*/package.json", "package-lock.json"];
  const paths = globSync(patterns, { cwd: root }).filter((path) => !isTestFile(path));
  const hash = createHash("sha256").update(JSON.stringify([Bun.revision, process.arch, words]));
  for (const path of paths.toSorted()) {
    const file = join(root, path);
    if (statSync(file).isFile()) hash.update(`\0${path}\0`).update(readFileSync(file));
  }
  return hash.digest("hex");
}

/** Whether the executable exists and is the very file that was last made of these inputs. */
export function isCurrent(executable: string, inputs: string): boolean {
  try {
    return readFileSync(stampPath(executable), "utf8") === stamp(executable, inputs);
  } catch {
    return false;
  }
}

/** Remembers of what the executable was made. Two builds at once may cross: then the stamp fits no file, and the next one builds. */
export function remember(executable: string, inputs: string, temporary: string): void {
  writeFileSync(temporary, stamp(executable, inputs));
  renameSync(temporary, stampPath(executable));
}

function stamp(executable: string, inputs: string): string {
  const { ino, size, mtimeMs } = statSync(executable);
  return JSON.stringify({ inputs, ino, size, mtimeMs });
}

function stampPath(executable: string): string {
  return join(dirname(executable), `.${basename(executable)}.inputs`);
}
