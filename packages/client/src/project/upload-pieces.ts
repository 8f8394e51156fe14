// The contents of files, read again and checked against their hashes while they are sent.
import { constants } from "node:fs";
import { open, readFile, type FileHandle } from "node:fs/promises";
import { encodeBlobHeader, FetchmlError, FRAME_HEADER_BYTES } from "@fetchml/protocol";
import { isSameStamp, stampOf } from "./file-stamp.ts";
import type { FrozenFile } from "./frozen-content.ts";

/** A file whose content is to be sent. */
export interface BlobSource extends FrozenFile {
  /** Lower-case hex SHA-256 that its content had. */
  readonly hash: string;
  /** The content itself, where it is at hand. */
  readonly bytes?: Uint8Array | undefined;
}

/** A part of an upload. */
export interface UploadPiece {
  /** What is sent, behind {@link FRAME_HEADER_BYTES} bytes that are left free for the header of a frame. */
  readonly room: Uint8Array<ArrayBuffer>;
  /** How much of it is content of files. */
  readonly contentBytes: number;
}

/** Pieces as they are needed. */
export type UploadPieces = AsyncGenerator<UploadPiece, void, void>;

/** Files up to here are read whole and side by side; larger ones in pieces of this size. */
const PIECE_BYTES = 512 * 1024;
const SIDE_BY_SIDE = 128;

/**
 * Blobs, each behind its header, as `POST /blobs` takes them. When a file has changed, this fails before the last byte of that
 * blob, so that the server drops the blob and keeps those before it.
 * @throws FetchmlError bad-content when a file is no longer what it was
 */
export async function* piecesOfBlobs(blobs: readonly BlobSource[]): UploadPieces {
  for (let at = 0; at < blobs.length;) {
    const group = smallOnes(blobs, at);
    at += group.length;
    if (group.length > 0) {
      const contents = await Promise.all(group.map(readSmall));
      const parts = group.flatMap((blob, i) => [encodeBlobHeader(blob), contents[i] ?? NOTHING]);
      yield { room: joined(parts), contentBytes: lengthOf(contents) };
    }
    const large = blobs[at];
    if (group.length === 0 && large !== undefined) {
      at += 1;
      yield { room: joined([encodeBlobHeader(large)]), contentBytes: 0 };
      yield* hashedPieces(large);
    }
  }
}

/**
 * The content of one file from a byte on, as `PUT /blobs/HASH` takes it. It is not hashed once more: the server does that, and a
 * gigabyte takes most of a second. That the file changes meanwhile is noticed all the same.
 * @throws FetchmlError bad-content when the file is no longer as it was when this began to read it
 */
export async function* piecesOfFile(blob: BlobSource, offset: number): UploadPieces {
  const handle = await openAgain(blob);
  try {
    const before = stampOf(await handle.stat());
    if (before.sizeBytes !== blob.sizeBytes) throw changed(blob);
    for (let at = offset; at < blob.sizeBytes;) {
      const piece = await readPiece(handle, { at, blob });
      at += piece.contentBytes;
      // Before the last piece leaves: what arrives whole is of one moment.
      const isLast = at === blob.sizeBytes;
      if (isLast && !isSameStamp(before, stampOf(await handle.stat()))) throw changed(blob);
      yield piece;
    }
  } finally {
    await handle.close();
  }
}

/** A text as UTF-8, none of which counts as content. */
export async function* piecesOfText(text: string): UploadPieces {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    yield { room: joined([bytes.subarray(at, at + PIECE_BYTES)]), contentBytes: 0 };
  }
}

/** The error for a file that is not what it was when the project was frozen. */
export function changed({ path }: BlobSource, cause?: unknown): FetchmlError {
  return new FetchmlError(
    "bad-content",
    `Cannot send ${path}: it has changed since the command was typed. Run the command again.`,
    { details: { path }, cause },
  );
}

const NOTHING = new Uint8Array(0);

function lengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}

function joined(parts: readonly Uint8Array[]): UploadPiece["room"] {
  const room = new Uint8Array(FRAME_HEADER_BYTES + lengthOf(parts));
  let at = FRAME_HEADER_BYTES;
  for (const part of parts) {
    room.set(part, at);
    at += part.length;
  }
  return room;
}

function smallOnes(blobs: readonly BlobSource[], start: number): readonly BlobSource[] {
  let end = start;
  let bytes = 0;
  for (; end < blobs.length && end - start < SIDE_BY_SIDE; end++) {
    bytes += blobs[end]?.sizeBytes ?? 0;
    if (bytes > PIECE_BYTES) break;
  }
  return blobs.slice(start, end);
}

// Neither a link nor a pipe that was put in the file's place is followed or waited for. Windows has no such flags.
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

async function readSmall(blob: BlobSource): Promise<Uint8Array> {
  if (blob.bytes !== undefined) return blob.bytes;
  const bytes = await readFile(blob.path, { flag: FLAGS }).catch((cause: unknown) => {
    throw changed(blob, cause);
  });
  const hash = new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
  if (bytes.length !== blob.sizeBytes || hash !== blob.hash) throw changed(blob);
  return bytes;
}

async function* hashedPieces(blob: BlobSource): UploadPieces {
  const handle = await openAgain(blob);
  try {
    const hasher = new Bun.CryptoHasher("sha256");
    for (let at = 0; at < blob.sizeBytes;) {
      const piece = await readPiece(handle, { at, blob });
      at += piece.contentBytes;
      hasher.update(piece.room.subarray(FRAME_HEADER_BYTES));
      // Before the last piece leaves: a blob that arrives whole is one that matches.
      if (at === blob.sizeBytes && hasher.digest("hex") !== blob.hash) throw changed(blob);
      yield piece;
    }
  } finally {
    await handle.close();
  }
}

function openAgain(blob: BlobSource): Promise<FileHandle> {
  return open(blob.path, FLAGS).catch((cause: unknown) => {
    throw changed(blob, cause);
  });
}

async function readPiece(
  handle: FileHandle,
  { at, blob }: { readonly at: number; readonly blob: BlobSource },
): Promise<UploadPiece> {
  const room = new Uint8Array(FRAME_HEADER_BYTES + Math.min(PIECE_BYTES, blob.sizeBytes - at));
  const length = room.length - FRAME_HEADER_BYTES;
  const { bytesRead } = await handle.read(room, FRAME_HEADER_BYTES, length, at);
  if (bytesRead === 0) throw changed(blob);
  return { room: room.subarray(0, FRAME_HEADER_BYTES + bytesRead), contentBytes: bytesRead };
}
