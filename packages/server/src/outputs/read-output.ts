// Reads an open file: piece by piece, in one go, or for the hash of its first bytes.
import type { OutputHash } from "@fetchml/protocol";
import type { OutputFile } from "./output-file.ts";

/** Pieces of bytes, each read when it is asked for; `return` gives up the rest. */
export type OutputPieces = Pick<
  AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined>,
  "next" | "return"
>;

/** The size of a piece: large enough for the disk, small enough that hashing it holds nobody up. */
export const PIECE_BYTES = 262_144;

/**
 * The bytes from `start` up to `end`. The file is closed after the last, and when a read fails or the rest is given up.
 * `next` throws when the file has become shorter than `end`.
 */
export function readPieces(
  file: OutputFile,
  { start, end }: { readonly start: number; readonly end: number },
): OutputPieces {
  return closing(file, piecesOf(file, start, end));
}

/**
 * All bytes, as by {@link readPieces}.
 *
 * @param onHash told the hash of them, lower-case hex, when the last was taken, before the end is told
 */
export function readHashedPieces(file: OutputFile, onHash: (sha256: string) => void): OutputPieces {
  return closing(file, withHash(piecesOf(file, 0, file.sizeBytes), onHash));
}

/** A hash that is known as the text that {@link hashPieces} ends with. */
export function hashText(answer: OutputHash): string {
  return `${JSON.stringify(answer)}\n`;
}

/**
 * The hash of the first `sizeBytes` as the JSON text of an `OutputHash`. Before it come spaces, one for each
 * {@link BYTES_PER_SPACE} that were read, so that nobody takes a long silence for the end of the connection. The file is
 * closed as by {@link readPieces}.
 */
export function hashPieces(file: OutputFile, sizeBytes: number): OutputPieces {
  return closing(file, hashOf(file, sizeBytes));
}

/** All of a small file, as it was when it was opened; `null` when it has changed since. It stays open. */
export async function readWhole({
  handle,
  sizeBytes,
  ctimeNs,
}: Pick<OutputFile, "handle" | "sizeBytes" | "ctimeNs">): Promise<Buffer<ArrayBuffer> | null> {
  const buffer = Buffer.alloc(sizeBytes);
  let filled = 0;
  while (filled < sizeBytes) {
    const { bytesRead } = await handle.read(buffer, filled, sizeBytes - filled, filled);
    if (bytesRead === 0) return null;
    filled += bytesRead;
  }
  const after = await handle.stat({ bigint: true });
  return after.ctimeNs === ctimeNs && Number(after.size) === sizeBytes ? buffer : null;
}

const BYTES_PER_SPACE = 64 * 1_048_576;

async function* piecesOf(
  { handle }: OutputFile,
  start: number,
  end: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  for (let at = start; at < end;) {
    const buffer = new Uint8Array(Math.min(PIECE_BYTES, end - at));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) throw new Error("the file has become shorter while it was read");
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

async function* withHash(
  pieces: AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined>,
  onHash: (sha256: string) => void,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const hasher = new Bun.CryptoHasher("sha256");
  for await (const piece of pieces) {
    hasher.update(piece);
    yield piece;
  }
  onHash(hasher.digest("hex"));
}

async function* hashOf(
  { handle }: OutputFile,
  sizeBytes: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const hasher = new Bun.CryptoHasher("sha256");
  const buffer = new Uint8Array(PIECE_BYTES);
  let at = 0;
  while (at < sizeBytes) {
    const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, sizeBytes - at), at);
    if (bytesRead === 0) break;
    hasher.update(buffer.subarray(0, bytesRead));
    const spaces = Math.floor(at / BYTES_PER_SPACE);
    at += bytesRead;
    if (Math.floor(at / BYTES_PER_SPACE) > spaces) yield new TextEncoder().encode(" ");
  }
  const sha256 = at < sizeBytes ? null : hasher.digest("hex");
  const size = Number((await handle.stat({ bigint: true })).size);
  yield new TextEncoder().encode(hashText({ sha256, size_bytes: size }));
}

/** Closes the file behind its pieces, also where not one of them was asked for, which no `finally` inside would see. */
function closing(
  file: OutputFile,
  pieces: AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined>,
): OutputPieces {
  return {
    async next() {
      try {
        const piece = await pieces.next();
        if (piece.done === true) await file.close();
        return piece;
      } catch (error) {
        await file.close();
        throw error;
      }
    },
    async return() {
      await pieces.return();
      await file.close();
      return { done: true, value: undefined };
    },
  };
}
