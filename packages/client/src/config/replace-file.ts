// Writes a file so that at every moment there is either all of the old one or all of the new one.
import {
  closeSync,
  constants,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { linkTarget } from "./link-target.ts";

/**
 * Puts `text` into the file at `path`, with mode 0600: a new file beside it, synced, then renamed over it. Where `path` is a
 * link, the file it points to is replaced and the link stays. What a write that was killed has left beside it goes too.
 *
 * @throws Error of the system call; the old file is then as it was, and nothing is left beside it
 */
export function replaceFile(path: string, text: string): void {
  const target = linkTarget(path);
  const temporary = `${target}.${crypto.randomUUID()}.tmp`;
  const descriptor = openSync(
    temporary,
    constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL,
    0o600,
  );
  try {
    try {
      writeFileSync(descriptor, text);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, target);
  } catch (error) {
    unlinkSync(temporary);
    throw error;
  }
  syncFolder(dirname(target));
  removeLeftovers(target);
}

/** Longer than any write takes. */
const LEFT_OVER_MS = 60_000;

/** They may hold a key. Where that cannot be done the next write tries again: this one has succeeded. */
function removeLeftovers(target: string): void {
  const name = basename(target);
  for (const other of namesIn(dirname(target))) {
    const isOurs = other.startsWith(`${name}.`) && UNIQUE_END.test(other.slice(name.length));
    if (!isOurs) continue;
    const path = join(dirname(target), other);
    const writtenAt = lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
    if (Date.now() - writtenAt > LEFT_OVER_MS) rmSync(path, { force: true });
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    // A folder may be open to writing and closed to looking.
    return [];
  }
}

const UNIQUE_END = /^\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tmp$/;

/** Makes the rename last. Windows cannot open a folder, and some file systems cannot sync one. */
function syncFolder(path: string): void {
  try {
    const descriptor = openSync(path, constants.O_RDONLY);
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // The new content is safe; only the rename may be undone by a power cut.
  }
}
