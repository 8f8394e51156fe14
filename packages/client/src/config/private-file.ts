// Opens a file that holds a secret, makes it private where it is not, and refuses it where that cannot be mended.
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  openSync,
  readSync,
  type Stats,
} from "node:fs";
import { FetchmlError } from "@fetchml/protocol";
import { shortPath, typedPath } from "./short-path.ts";

/** A file's bytes, and what was changed about it, a sentence each. */
export interface PrivateFile {
  readonly bytes: Buffer;
  readonly notes: readonly string[];
}

const MAX_BYTES = 1024 * 1024;
/** More than nearly every config has; memory that is not touched costs no start-up. */
const PIECE_BYTES = 16 * 1024;
const OTHERS_MAY_WRITE = 0o002;
const GROUP_MAY_WRITE = 0o020;
const GROUP_OR_OTHERS = 0o077;

/**
 * Reads a file of this user, at most 1 MiB. Everything is checked on the open file, so that neither a link nor a swap
 * between check and read can fool it. Where group or others may read it, its mode becomes 0600. Modes and owners are not
 * checked on Windows.
 *
 * @param home the user's home folder, which messages show as `~`
 * @returns `undefined` when there is no such file
 * @throws FetchmlError `bad-file` when it is no regular file, too large, another's, or open to others' writing
 */
export function readPrivateFile(file: string, home = ""): PrivateFile | undefined {
  const path = named(file, home);
  const descriptor = openQuietly(path);
  if (descriptor === undefined) return undefined;
  try {
    const stats = fstatSync(descriptor);
    if (stats.isDirectory()) throw badFile(path, "it is a folder, not a file");
    if (!stats.isFile()) throw badFile(path, "it is not a regular file");
    if (stats.size > MAX_BYTES) throw badFile(path, "it is larger than 1 MiB");
    const notes = makePrivate(descriptor, path, stats);
    return { bytes: readAll(descriptor, path), notes };
  } finally {
    closeSync(descriptor);
  }
}

/** Gives this user's own folder the mode 0700 where others may look into it. Says so in a note; no note, no change. */
export function makeFolderPrivate(folder: string, home = ""): readonly string[] {
  const path = named(folder, home);
  const descriptor = openQuietly(path, constants.O_DIRECTORY ?? 0);
  if (descriptor === undefined) return [];
  try {
    const stats = fstatSync(descriptor);
    const myId = process.getuid?.();
    if (myId === undefined || (stats.mode & GROUP_OR_OTHERS) === 0) return [];
    if (stats.uid !== myId) throw anothers(path, stats);
    fchmodSync(descriptor, 0o700);
    return [`Others could look into ${path.shown}; its mode is now 0700.`];
  } finally {
    closeSync(descriptor);
  }
}

/** A path, as messages show it and as a command takes it. */
interface NamedPath {
  readonly file: string;
  readonly shown: string;
  readonly typed: string;
}

function named(file: string, home: string): NamedPath {
  return { file, shown: shortPath(file, home), typed: typedPath(file, home) };
}

function openQuietly(path: NamedPath, extraFlags = 0): number | undefined {
  try {
    // Without O_NONBLOCK the open of a FIFO waits for a writer. Windows has neither.
    const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);
    return openSync(path.file, flags | extraFlags);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT") return undefined;
    throw badFile(path, OPEN_PROBLEMS[String(code)] ?? `it cannot be opened (${String(code)})`);
  }
}

const OPEN_PROBLEMS: Readonly<Record<string, string>> = {
  EACCES: "you may not open it",
  ELOOP: "its links lead in a circle",
  ENOTDIR: "a part of its path is not a folder",
  EISDIR: "it is a folder, not a file",
};

function makePrivate(descriptor: number, path: NamedPath, stats: Stats): readonly string[] {
  const myId = process.getuid?.();
  if (myId === undefined || (stats.uid === myId && (stats.mode & GROUP_OR_OTHERS) === 0)) return [];
  if (stats.uid !== myId) throw anothers(path, stats);
  if (othersMayWrite(stats)) {
    throw badFile(path, "others could write to it, so what it says cannot be trusted", {
      say: "Look it over, then type",
      command: `chmod 600 ${path.typed}`,
    });
  }
  const mode = (stats.mode & 0o777).toString(8).padStart(4, "0");
  try {
    fchmodSync(descriptor, 0o600);
  } catch {
    throw badFile(path, `others can read it (mode ${mode}), and that cannot be changed here`, {
      say: "Move it to a place where this works",
      command: `chmod 600 ${path.typed}`,
    });
  }
  return [`Others could read ${path.shown} (mode ${mode}); its mode is now 0600.`];
}

function othersMayWrite(stats: Stats): boolean {
  if ((stats.mode & OTHERS_MAY_WRITE) !== 0) return true;
  // Debian's umask for a user who is alone in a group of the same number leaves every new file 0664.
  return (stats.mode & GROUP_MAY_WRITE) !== 0 && stats.gid !== stats.uid;
}

function anothers(path: NamedPath, stats: Stats): FetchmlError {
  return badFile(path, `it belongs to another account (uid ${stats.uid})`, {
    say: "If it is yours, type",
    command: `sudo chown "$(id -un)" ${path.typed}`,
  });
}

function readAll(descriptor: number, path: NamedPath): Buffer {
  const pieces: Buffer[] = [];
  let length = 0;
  // The size that stat told may be out of date, and is 0 in /proc.
  for (;;) {
    const piece = Buffer.alloc(PIECE_BYTES);
    const count = readSync(descriptor, piece);
    if (count === 0) return Buffer.concat(pieces);
    pieces.push(piece.subarray(0, count));
    length += count;
    if (length > MAX_BYTES) throw badFile(path, "it is larger than 1 MiB");
  }
}

/** What to do next: shown in the message, and the command alone in the details. */
interface NextStep {
  readonly say: string;
  readonly command: string;
}

function badFile(path: NamedPath, why: string, next?: NextStep): FetchmlError {
  const what = `Cannot read the config ${path.shown}: ${why}.`;
  if (next === undefined) return new FetchmlError("bad-file", what);
  const { say, command } = next;
  return new FetchmlError("bad-file", `${what}\n${say}: ${command}`, { details: { command } });
}
