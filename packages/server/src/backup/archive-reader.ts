// Reads a backup from its first byte to its last and takes nothing on trust: names, sizes, hashes, order and end.
import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { FetchmlError } from "@fetchml/protocol";
import { ArchiveInput, PIECE_BYTES } from "./archive-input.ts";
import { sumLine } from "./archive-writer.ts";
import { brokenBackup } from "./broken-backup.ts";
import { LABEL_LIMIT_BYTES, parseLabel, type BackupLabel } from "./label.ts";
import { DATABASE, hashInName, isMemberName, LABEL, SUMS } from "./member-names.ts";
import { BLOCK_BYTES, paddingOf, parseHeader, type ArchivedFile } from "./tar-header.ts";

/** Members after which others get a turn, so that Ctrl-C is heard. */
const MEMBERS_A_TURN = 64;

/** A backup file that is open for reading. */
export interface OpenArchive {
  readonly path: string;
  readonly file: number;
  readonly sizeBytes: number;
  close(): void;
}

/** Takes the content of one member, in pieces that are good until the next. */
export interface MemberSink {
  write(bytes: Uint8Array): void;
  /** Called once, whether all of it has come or not. */
  close(): void;
}

/** What is done with what is read. */
export interface ArchiveUse {
  /** Where a member's content goes; `null`: it is only verified. Called before its hash is known. */
  readonly sinkFor: (member: ArchivedFile) => MemberSink | null;
  /** Awaited now and then between two members. */
  readonly between?: () => Promise<void>;
  readonly signal: AbortSignal;
  readonly onProgress: (bytes: number) => void;
}

/** A backup that was read to its end and found whole. */
export interface ReadArchive {
  readonly label: BackupLabel;
  readonly databaseHash: string;
}

/** Opens a backup. @throws FetchmlError bad-file when it is no plain file, or cannot be read */
export function openArchive(path: string): OpenArchive {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    throw new FetchmlError(
      "bad-file",
      `Cannot read the backup ${path}: ${cause instanceof Error ? cause.message : "unknown reason"}.`,
      { cause },
    );
  }
  const stat = fstatSync(file);
  if (!stat.isFile()) {
    closeSync(file);
    throw new FetchmlError("bad-file", `${path} is no plain file, so it is no backup.`);
  }
  return { path, file, sizeBytes: stat.size, close: () => closeSync(file) };
}

/**
 * Reads a backup to its end.
 * @throws FetchmlError bad-file when anything in it is not as a backup has it; box-unfit for one of a later release
 */
export async function readArchive(archive: OpenArchive, use: ArchiveUse): Promise<ReadArchive> {
  const input = new ArchiveInput(archive, use.onProgress);
  const sums = new Bun.CryptoHasher("sha256");
  const first = firstMember(input, archive.path);
  const { label, hash: labelHash } = readLabel(input, first, archive.path);
  sums.update(sumLine(first.name, labelHash));
  let databaseHash: string | null = null;
  for (let count = 0; ; count += 1) {
    if (count % MEMBERS_A_TURN === 0) {
      await new Promise((resolve) => setImmediate(resolve));
      await use.between?.();
    }
    use.signal.throwIfAborted();
    const member = nextMember(input, archive.path);
    if (member.name === SUMS) {
      if (readMember(input, member, null) !== sums.digest("hex"))
        throw brokenBackup(archive.path, "a hash in it is wrong");
      break;
    }
    const hash = readMember(input, member, use.sinkFor(member));
    if ((hashInName(member.name) ?? hash) !== hash)
      throw brokenBackup(archive.path, `${member.name} is not what its name says`);
    if (member.name === DATABASE) databaseHash = hash;
    sums.update(sumLine(member.name, hash));
  }
  input.expectEnd();
  if (databaseHash === null) throw brokenBackup(archive.path, "there is no database in it");
  return { label, databaseHash };
}

function firstMember(input: ArchiveInput, path: string): ArchivedFile {
  if (input.left < BLOCK_BYTES) throw noBackup(path);
  const member = parseHeader(input.take(BLOCK_BYTES));
  if (typeof member === "string" || member.name !== LABEL || member.sizeBytes > LABEL_LIMIT_BYTES)
    throw noBackup(path);
  return member;
}

function nextMember(input: ArchiveInput, path: string): ArchivedFile {
  const member = parseHeader(input.take(BLOCK_BYTES));
  if (member === "damaged") throw brokenBackup(path, "it is damaged between two of its members");
  if (member === "not-a-file")
    throw brokenBackup(path, "it holds something else than plain files, as no backup does");
  if (!isMemberName(member.name) || member.name === LABEL)
    throw brokenBackup(path, `no backup holds ${JSON.stringify(member.name.slice(0, 200))}`);
  if (member.sizeBytes > input.left)
    throw brokenBackup(path, `it ends in the middle of ${member.name}`);
  return member;
}

/** The first member, which is small. */
function readLabel(input: ArchiveInput, { sizeBytes }: ArchivedFile, path: string) {
  const bytes = input.take(sizeBytes);
  const label = parseLabel(bytes.toString("utf8"));
  if (label === null) throw noBackup(path);
  const hash = new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
  input.expectZeros(paddingOf(sizeBytes));
  return { label, hash };
}

/** Hands a member's content on; answers its SHA-256. */
function readMember(
  input: ArchiveInput,
  { sizeBytes }: ArchivedFile,
  sink: MemberSink | null,
): string {
  const hasher = new Bun.CryptoHasher("sha256");
  try {
    for (let left = sizeBytes; left > 0;) {
      const bytes = input.take(Math.min(left, PIECE_BYTES));
      hasher.update(bytes);
      sink?.write(bytes);
      left -= bytes.length;
    }
  } finally {
    sink?.close();
  }
  input.expectZeros(paddingOf(sizeBytes));
  return hasher.digest("hex");
}

function noBackup(path: string): FetchmlError {
  return new FetchmlError(
    "bad-file",
    `${path} is not a backup of FetchML: it does not begin as one. Make one with "fetchml backup FILE".`,
  );
}
