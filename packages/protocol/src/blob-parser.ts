// Takes a stream of blobs apart, whatever the borders of the chunks it comes in.
import { BLOB_HEADER_BYTES, decodeBlobHeader, type BlobHeader } from "./blob-stream.ts";

/** What a chunk brings, in order. Every blob begins, has data unless it is empty, and ends. */
export type BlobEvent =
  | { readonly kind: "begin"; readonly header: BlobHeader }
  /** A part of the chunk itself, not a copy. */
  | { readonly kind: "data"; readonly bytes: Uint8Array }
  | { readonly kind: "end" };

/** Takes the chunks of one stream in order. */
export interface BlobParser {
  feed(chunk: Uint8Array): Generator<BlobEvent, void, undefined>;
  /** Whether the stream may end here: not inside a header or a blob. */
  isBetweenBlobs(): boolean;
}

/**
 * Makes a parser of the form that `blob-stream.ts` describes. It checks neither sizes nor hashes, and keeps less
 * than a header. The events of a chunk must be taken, all of them, before the next is fed.
 */
export function createBlobParser(): BlobParser {
  const header = new Uint8Array(BLOB_HEADER_BYTES);
  let headerBytes = 0;
  let remaining: number | null = null;
  return {
    *feed(chunk) {
      let at = 0;
      while (at < chunk.length) {
        if (remaining === null) {
          const part = chunk.subarray(at, at + BLOB_HEADER_BYTES - headerBytes);
          header.set(part, headerBytes);
          headerBytes += part.length;
          at += part.length;
          if (headerBytes < BLOB_HEADER_BYTES) return;
          headerBytes = 0;
          const decoded = decodeBlobHeader(header);
          remaining = decoded.sizeBytes;
          yield { kind: "begin", header: decoded };
        } else {
          const bytes = chunk.subarray(at, at + remaining);
          remaining -= bytes.length;
          at += bytes.length;
          yield { kind: "data", bytes };
        }
        if (remaining === 0) {
          remaining = null;
          yield { kind: "end" };
        }
      }
    },
    isBetweenBlobs: () => remaining === null && headerBytes === 0,
  };
}
