// Searches files for secrets, byte by byte.
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A key, and the one file where it may be. */
export interface Secret {
  readonly name: string;
  readonly key: string;
  readonly file?: string;
}

/** Bytes to look for, what they are, and the one file where they may be. */
export interface Needle {
  readonly needle: Buffer;
  readonly what: string;
  readonly file?: string;
}

/** The forms in which a key could lie about: its secret part as it is, in capitals, in UTF-16, and in base64. */
export function needlesOf(key: string): readonly Buffer[] {
  const secret = key.slice(12, 38);
  // Base64 depends on what stands before: three places, and the ends, which depend on the neighbours, left out.
  const shifted = [0, 1, 2].map((place) =>
    Buffer.from(" ".repeat(place) + key)
      .toString("base64")
      .slice(4, -8),
  );
  return [
    Buffer.from(secret),
    Buffer.from(secret.toUpperCase()),
    Buffer.from(secret, "utf16le"),
    ...shifted.map((text) => Buffer.from(text)),
  ];
}

/** Where needles are that should not be there. */
export function tracesIn(
  files: readonly string[],
  needles: readonly Needle[],
): readonly { readonly what: string; readonly file: string }[] {
  return files.flatMap((file) => {
    const content = readIfThere(file);
    return needles
      .filter(({ needle, file: home }) => home !== file && content.includes(needle))
      .map(({ what }) => ({ what, file }));
  });
}

/** Every regular file under a folder. Links are not followed; their targets are part of what is searched. */
export function filesUnder(folder: string): readonly string[] {
  return entriesOf(folder).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesUnder(path);
    return entry.isFile() ? [path] : [];
  });
}

/** Files in the system's folders for temporary ones that were changed since then, epoch milliseconds. */
export function filesChangedSince(then: number): readonly string[] {
  const folders = new Set([tmpdir(), "/tmp", "/var/tmp", "/dev/shm"]);
  return [...folders].flatMap((folder) => changedUnder(folder, then));
}

function changedUnder(folder: string, then: number): readonly string[] {
  return entriesOf(folder).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "node_modules" ? [] : changedUnder(path, then);
    return entry.isFile() && (changedAt(path) ?? 0) >= then ? [path] : [];
  });
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    // Another program's, or gone meanwhile.
    return [];
  }
}

function changedAt(path: string): number | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.ctimeMs;
}

function readIfThere(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
}
