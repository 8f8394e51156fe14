// Finds what goes into a backup beside the database, and adds it.
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
} from "node:fs";
import { join } from "node:path";
import { HashSet } from "../snapshots/hash-set.ts";
import { addNamedBlobs } from "../snapshots/named-blobs.ts";
import { snapshotFolder, type SnapshotFolder } from "../snapshots/snapshot-folder.ts";
import type { Database } from "../store/database.ts";
import { snapshotsOfUnfinished } from "../store/restored-store.ts";
import { keptSnapshots } from "../store/snapshots-kept.ts";
import type { ArchiveWriter } from "./archive-writer.ts";
import { CONFIG, hashInName, isMemberName, SECRET_TIMES } from "./member-names.ts";

/** What to gather from, and where to. */
export interface Gathering {
  readonly writer: ArchiveWriter;
  readonly dataDir: string;
  readonly signal: AbortSignal;
}

/** Adds the config file as it is; `null`: there is none. */
export function addConfig(writer: ArchiveWriter, path: string | null): void {
  const file = path === null ? null : openPlain(path);
  if (file === null) return;
  try {
    writer.addBytes(CONFIG, readFileSync(file), fstatSync(file).mtimeMs);
  } finally {
    closeSync(file);
  }
}

/** Adds the sealed secrets, when each was set, and the key that opens them. */
export function addSecrets({ writer, dataDir }: Gathering, now: number): void {
  const times: Record<string, number> = {};
  const users = namesIn(join(dataDir, "secrets/users"));
  const names = users.flatMap((user) =>
    namesIn(join(dataDir, "secrets/users", user)).map((name) => `secrets/users/${user}/${name}`),
  );
  for (const name of ["secrets/key", ...names]) {
    const file = isMemberName(name) ? openPlain(join(dataDir, name)) : null;
    if (file === null) continue;
    try {
      const { mtimeMs } = fstatSync(file);
      writer.addBytes(name, readFileSync(file), mtimeMs);
      times[name] = mtimeMs;
    } finally {
      closeSync(file);
    }
  }
  writer.addBytes(SECRET_TIMES, Buffer.from(JSON.stringify(times)), now);
}

/**
 * Adds the lists of files of the snapshots that the database keeps, and the code itself: of all, or of jobs that have not ended,
 * which could not run without it. Answers how many files of code are not what their names say, and were left out.
 */
export async function addCode(
  gathering: Gathering,
  { copy, withBlobs }: { readonly copy: Database; readonly withBlobs: boolean },
): Promise<{ readonly leftOut: number }> {
  const folder = snapshotFolder(join(gathering.dataDir, "snapshots"));
  let leftOut = 0;
  const addNamed = async (path: string, name: string): Promise<void> => {
    if (!addChecked(gathering.writer, path, name)) leftOut += 1;
    await turn(gathering.signal);
  };
  for (let page = keptSnapshots(copy, "", PAGE); page.length > 0;) {
    for (const id of page) await addNamed(folder.manifest(id), memberOf("manifests", id));
    page = keptSnapshots(copy, page.at(-1) ?? "", PAGE);
  }
  // Before the blobs: what is taken out of a pack meanwhile is found among those.
  for (const name of namesIn(folder.packs)) addAsItIs(gathering.writer, folder, name);
  const wanted = withBlobs ? null : await blobsOfUnfinished(copy, folder);
  for (const prefix of namesIn(folder.blobs)) {
    for (const rest of namesIn(join(folder.blobs, prefix))) {
      const hash = `${prefix}${rest}`;
      if (wanted === null || wanted.has(hash))
        await addNamed(join(folder.blobs, prefix, rest), memberOf("blobs", hash));
    }
  }
  return { leftOut };
}

const PAGE = 1000;

function memberOf(kind: "manifests" | "blobs", hash: string): string {
  return `snapshots/${kind}/${hash.slice(0, 2)}/${hash.slice(2)}`;
}

async function blobsOfUnfinished(copy: Database, folder: SnapshotFolder): Promise<HashSet> {
  const named = new HashSet();
  for (const snapshot of snapshotsOfUnfinished(copy))
    await addNamedBlobs(snapshot, { folder, into: named });
  return named;
}

function addAsItIs(writer: ArchiveWriter, folder: SnapshotFolder, name: string): void {
  const member = `snapshots/packs/${name}`;
  const file = isMemberName(member) ? openPlain(join(folder.packs, name)) : null;
  if (file === null) return;
  try {
    writer.addFile(member, file);
  } finally {
    closeSync(file);
  }
}

/** Adds a file whose name is its hash. False when it is not: a disk has spoilt it. One that is gone was collected meanwhile. */
function addChecked(writer: ArchiveWriter, path: string, member: string): boolean {
  if (!isMemberName(member)) return true;
  const file = openPlain(path);
  if (file === null) return true;
  try {
    if (hashInName(member) !== hashOf(file)) return false;
    writer.addFile(member, file);
    return true;
  } finally {
    closeSync(file);
  }
}

function hashOf(file: number): string {
  const hasher = new Bun.CryptoHasher("sha256");
  const piece = Buffer.allocUnsafe(1_048_576);
  for (let at = 0; ;) {
    const length = readSync(file, piece, 0, piece.length, at);
    if (length === 0) return hasher.digest("hex");
    hasher.update(piece.subarray(0, length));
    at += length;
  }
}

/** Opens a plain file; `null` when it is not there, or is something else. */
function openPlain(path: string): number | null {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
  if (fstatSync(file).isFile()) return file;
  closeSync(file);
  return null;
}

/** Names in a folder, in order; none where there is no folder. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).toSorted();
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

function isGone(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : null;
  return code === "ENOENT" || code === "ENOTDIR";
}

/** Lets Ctrl-C be heard. */
async function turn(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  signal.throwIfAborted();
}
