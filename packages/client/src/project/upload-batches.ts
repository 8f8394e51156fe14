// Divides what is to be sent into requests of bearable size.
import type { BlobSource } from "./upload-pieces.ts";

const MOST_BYTES = 256 * 1024 ** 2;
const MOST_BLOBS = 50_000;

/** The same blobs, in order, in groups that one request each may carry. */
export function* inBatches(blobs: readonly BlobSource[]): Generator<readonly BlobSource[]> {
  let batch: BlobSource[] = [];
  let bytes = 0;
  for (const blob of blobs) {
    const isFull = bytes + blob.sizeBytes > MOST_BYTES || batch.length === MOST_BLOBS;
    if (batch.length > 0 && isFull) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(blob);
    bytes += blob.sizeBytes;
  }
  if (batch.length > 0) yield batch;
}
