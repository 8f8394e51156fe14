// The bytes that `POST /blobs` carries: blobs one after the other, each behind a header of fixed length.

/** Length of a blob's SHA-256 at the start of its header, as raw bytes. */
export const BLOB_HASH_BYTES = 32;

/** Length of the field that follows the hash: how many bytes the blob has, unsigned and big-endian. */
export const BLOB_SIZE_BYTES = 8;

/**
 * Length of a whole header. A body is zero or more times header and content, back to back, with nothing before, between
 * or behind them; it ends with the last byte of a blob. An empty blob is a header alone.
 */
export const BLOB_HEADER_BYTES = BLOB_HASH_BYTES + BLOB_SIZE_BYTES;

/** Media type of such a body. */
export const BLOB_STREAM_TYPE = "application/vnd.fetchml.blobs";

/**
 * Header of `PUT /blobs/HASH`, whose body is one blob from some byte on: the place of that byte, which is how many bytes the
 * server has already. Its name and the next one are those of the IETF's draft on resumable uploads.
 */
export const UPLOAD_OFFSET_HEADER = "upload-offset";

/** Header of the same: the length of the whole blob. */
export const UPLOAD_LENGTH_HEADER = "upload-length";

/** Header of both kinds of upload: the id of the snapshot for which it is done, whose manifest was shown before. */
export const UPLOAD_SNAPSHOT_HEADER = "fetchml-snapshot";

/** What a header says of the blob behind it. */
export interface BlobHeader {
  /** Lower-case hex SHA-256 of the content. */
  readonly hash: string;
  /** Above `Number.MAX_SAFE_INTEGER` only as good as a double can say it. */
  readonly sizeBytes: number;
}

/** The {@link BLOB_HEADER_BYTES} bytes of a header. */
export function encodeBlobHeader({ hash, sizeBytes }: BlobHeader): Uint8Array<ArrayBuffer> {
  // Without a DataView and BigInt it takes a quarter of the time, and there are thousands.
  const bytes = Buffer.alloc(BLOB_HEADER_BYTES);
  bytes.write(hash, 0, "hex");
  bytes.writeUInt32BE(Math.floor(sizeBytes / TWO_TO_32), BLOB_HASH_BYTES);
  bytes.writeUInt32BE(sizeBytes % TWO_TO_32, BLOB_HASH_BYTES + 4);
  return bytes;
}

const TWO_TO_32 = 2 ** 32;

/** Reads a header from the first {@link BLOB_HEADER_BYTES} bytes; any bytes are a header. */
export function decodeBlobHeader(bytes: Uint8Array): BlobHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, BLOB_HEADER_BYTES);
  const high = view.getUint32(BLOB_HASH_BYTES);
  const low = view.getUint32(BLOB_HASH_BYTES + 4);
  return { hash: bytes.subarray(0, BLOB_HASH_BYTES).toHex(), sizeBytes: high * TWO_TO_32 + low };
}
