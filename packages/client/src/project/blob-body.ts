// The body of one `POST /blobs`: files read again, checked against their hashes while they are sent.
import { constants } from "node:fs";
import { open, readFile } from "node:fs/promises";
import { encodeBlobHeader, FetchmlError } from "@fetchml/protocol";
import type { FrozenFile } from "./freeze.ts";

/** A file whose content is to be sent. */
export interface BlobSource extends FrozenFile {
  /** Lower-case hex SHA-256 that its content had. */
  readonly hash: string;
}

/** A body that is read while it is sent. */
export interface BlobBody {
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Why the stream failed, if it did: FetchmlError bad-content when a file is no longer what it was. */
  readonly failure: () => unknown;
}

/**
 * The body for these blobs. It reads files no faster than it is read itself. When a file has changed, the stream fails
 * before the last byte of that blob, so that the server drops the blob and keeps those before it.
 *
 * @param onSent told how many more bytes of content were handed over
 */
export function blobBody(blobs: readonly BlobSource[], onSent: (bytes: number) => void): BlobBody {
  const pieces = piecesOf(blobs);
  let failure: unknown;
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        const { done, value } = await pieces.next().catch((error: unknown) => {
          failure = error;
          throw error;
        });
        if (done === true) return controller.close();
        controller.enqueue(value.bytes);
        onSent(value.contentBytes);
      },
      async cancel() {
        await pieces.return();
      },
    },
    // Nothing is read ahead of the connection.
    { highWaterMark: 0 },
  );
  return { stream, failure: () => failure };
}

interface Piece {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly contentBytes: number;
}

/** Files up to here are read whole and side by side; larger ones in pieces of this size. */
const PIECE_BYTES = 512 * 1024;
const SIDE_BY_SIDE = 64;

async function* piecesOf(blobs: readonly BlobSource[]): AsyncGenerator<Piece, void, undefined> {
  for (let at = 0; at < blobs.length;) {
    const group = smallOnes(blobs, at);
    at += group.length;
    if (group.length > 0) {
      const contents = await Promise.all(group.map(readSmall));
      const contentBytes = contents.reduce((sum, { length }) => sum + length, 0);
      const parts = group.flatMap((blob, i) => [encodeBlobHeader(blob), contents[i] ?? NOTHING]);
      yield { bytes: new Uint8Array(Buffer.concat(parts)), contentBytes };
    }
    const large = blobs[at];
    if (group.length === 0 && large !== undefined) {
      at += 1;
      yield* largePieces(large);
    }
  }
}

const NOTHING = new Uint8Array(0);

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
  const bytes = await readFile(blob.path, { flag: FLAGS }).catch((cause: unknown) => {
    throw changed(blob, cause);
  });
  const hash = new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
  if (bytes.length !== blob.sizeBytes || hash !== blob.hash) throw changed(blob);
  return bytes;
}

async function* largePieces(blob: BlobSource): AsyncGenerator<Piece, void, undefined> {
  const handle = await open(blob.path, FLAGS).catch((cause: unknown) => {
    throw changed(blob, cause);
  });
  try {
    yield { bytes: encodeBlobHeader(blob), contentBytes: 0 };
    const hasher = new Bun.CryptoHasher("sha256");
    for (let remaining = blob.sizeBytes; remaining > 0;) {
      const buffer = new Uint8Array(Math.min(PIECE_BYTES, remaining));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) throw changed(blob);
      const bytes = buffer.subarray(0, bytesRead);
      hasher.update(bytes);
      remaining -= bytesRead;
      // Before the last piece leaves: a blob that arrives whole is one that matches.
      if (remaining === 0 && hasher.digest("hex") !== blob.hash) throw changed(blob);
      yield { bytes, contentBytes: bytesRead };
    }
  } finally {
    await handle.close();
  }
}

function changed({ path }: BlobSource, cause?: unknown): FetchmlError {
  return new FetchmlError(
    "bad-content",
    `Cannot send ${path}: it has changed since the command was typed. Run the command again.`,
    { details: { path }, cause },
  );
}
