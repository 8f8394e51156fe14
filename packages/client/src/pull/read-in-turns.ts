// Reads much of a file at a stretch, and lets Ctrl-C and the other files of a pull have their turn meanwhile.
import { readSync } from "node:fs";

/**
 * Reads the first bytes of a file, in order.
 *
 * @param sizeBytes how many; `Infinity` for all
 * @param take is given what was read, which is only there until it returns
 * @returns how many there were
 * @throws the system's error
 */
export async function readInTurns(
  descriptor: number,
  sizeBytes: number,
  take: (bytes: Uint8Array) => void,
): Promise<number> {
  const buffer = new Uint8Array(Math.min(sizeBytes, CHUNK_BYTES));
  let done = 0;
  let turnAt = TURN_BYTES;
  while (done < sizeBytes) {
    const wanted = Math.min(buffer.length, sizeBytes - done);
    const count = readSync(descriptor, buffer, 0, wanted, done);
    if (count === 0) break;
    take(buffer.subarray(0, count));
    done += count;
    if (done < turnAt) continue;
    turnAt = done + TURN_BYTES;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return done;
}

const CHUNK_BYTES = 1_048_576;

/** Some hundredths of a second. */
const TURN_BYTES = 32 * CHUNK_BYTES;
