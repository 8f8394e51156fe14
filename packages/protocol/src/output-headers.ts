// How outputs and logs travel over HTTP: headers and media types beyond those that the standards name.

/** Media type of a list of outputs: JSON values, a line feed behind each. */
export const OUTPUT_LIST_TYPE = "application/x-ndjson";

/** Response header: how many bytes the whole file had when it was opened. A streamed body has no Content-Length. */
export const OUTPUT_SIZE_HEADER = "fetchml-size-bytes";

/** Response header: when the file was last changed; epoch milliseconds. */
export const OUTPUT_MODIFIED_HEADER = "fetchml-modified-at";

/** Query parameter that asks for the SHA-256 of so many first bytes of a file instead of its content. */
export const OUTPUT_HASH_PARAMETER = "sha256_of";

/** The answer to a request with {@link OUTPUT_HASH_PARAMETER}. White space comes before it while a large file is read. */
export interface OutputHash {
  /** Lower-case hex SHA-256 of the first bytes asked for; `null` when the file is shorter. */
  readonly sha256: string | null;
  /** How many bytes the file has now. */
  readonly size_bytes: number;
}

/**
 * Media type of several small files in one body: for each path that was asked for, in that order, a {@link BundledFile} as one
 * line of JSON, and right behind it the bytes. Many small files come ten times as fast that way as one by one.
 */
export const OUTPUT_BUNDLE_TYPE = "application/vnd.fetchml.outputs";

/** The most files that one bundle is asked for. */
export const BUNDLE_MOST_FILES = 1000;

/** The largest file that a bundle holds, in bytes. */
export const BUNDLE_LARGEST_FILE = 262_144;

/** What stands before the bytes of a file in a bundle. */
export type BundledFile =
  | {
      readonly size_bytes: number;
      /** Epoch milliseconds; `null` while the file may change without another time to show for it. */
      readonly modified_at: number | null;
      /** Lower-case hex SHA-256 of the bytes. */
      readonly sha256: string;
    }
  /** No bytes follow: the file is gone, too large, or changes just now. Asked for alone it is answered as what it is. */
  | { readonly size_bytes: null };

/** A `Repr-Digest` header (RFC 9530) of a SHA-256 given as lower-case hex. */
export function reprDigest(sha256: string): string {
  return `sha-256=:${Uint8Array.fromHex(sha256).toBase64()}:`;
}

/** The SHA-256 in a `Repr-Digest` header as lower-case hex; `null` when it holds none. */
export function readReprDigest(header: string | null): string | null {
  const digest = /(?:^|[\s,])sha-256=:([A-Za-z0-9+/]{43}=):/.exec(header ?? "")?.[1];
  return digest === undefined ? null : Uint8Array.fromBase64(digest).toHex();
}
