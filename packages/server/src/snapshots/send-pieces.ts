// A stored file as pieces to send, read no faster than they are taken.
import { open } from "node:fs/promises";

/** Most bytes of one piece. */
export const PIECE_BYTES = 512 * 1024;

/** Bytes on their way to somebody. */
export type Pieces = AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined>;

/**
 * The first `sizeBytes` of a file. It is opened when the first piece is asked for, and closed whatever happens.
 * @throws Error when it is shorter; and the system's error when it is not there
 */
export async function* piecesOfFile(path: string, sizeBytes: number): Pieces {
  const handle = await open(path, "r");
  try {
    for (let remaining = sizeBytes; remaining > 0;) {
      const buffer = new Uint8Array(Math.min(PIECE_BYTES, remaining));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) throw new Error(`${path} is no longer as long as it was`);
      remaining -= bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}
