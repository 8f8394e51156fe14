// Asks a server for one file: its bytes from some place on, or the hash of its start.
import {
  FetchmlError,
  OUTPUT_HASH_PARAMETER,
  OUTPUT_MODIFIED_HEADER,
  OUTPUT_SIZE_HEADER,
  readReprDigest,
  type OutputHash,
} from "@fetchml/protocol";
import type { Endpoint } from "../client.ts";
import { answerBody } from "../connection/answer-body.ts";
import { parsedObject } from "../connection/envelope.ts";
import { requestHttp } from "../connection/http-request.ts";
import { PLAIN } from "./list-outputs.ts";

/** What of a file is asked for: the bytes from `start` on, but only of the version with this tag. */
export interface WantedPart {
  readonly start: number;
  readonly etag: string;
}

/** An answer that has begun. */
export interface RemoteFile {
  /** Where its bytes begin in the file: at 0 when the version is another. */
  readonly start: number;
  /** How many bytes the file had when it was opened. */
  readonly sizeBytes: number;
  /** `null` when the server told none; weak ones are nothing to go on by. */
  readonly etag: string | null;
  /** Epoch milliseconds; `null` when the server told none. */
  readonly modifiedAt: number | null;
  /** Of all of the file, when the server has told it with the answer. */
  readonly sha256: string | null;
  /** The bytes, to the end of the file as it was. @throws FetchmlError unreachable when the connection is lost */
  readonly pieces: AsyncGenerator<Uint8Array, void, undefined>;
}

/**
 * Asks for a file, or the rest of one.
 *
 * @throws FetchmlError `output-not-found`, `log-not-found`, and as `requestHttp` does
 */
export async function requestFile(
  endpoint: Endpoint,
  address: string,
  { part, signal }: { readonly part: WantedPart | null; readonly signal: AbortSignal },
): Promise<RemoteFile> {
  const range = part === null ? {} : { range: `bytes=${part.start}-`, "if-range": part.etag };
  const response = await requestHttp(endpoint, {
    method: "GET",
    path: address,
    headers: { ...PLAIN, ...range },
    signal,
  });
  const { headers, status } = response;
  const etag = headers.get("etag");
  const sizeBytes = numberIn(headers.get(OUTPUT_SIZE_HEADER));
  if (sizeBytes === null) throw nonsense();
  const start = status === 206 ? startOf(headers.get("content-range"), sizeBytes) : 0;
  if (start === null || (status === 206 && (start !== part?.start || etag !== part.etag))) {
    throw nonsense();
  }
  return {
    start,
    sizeBytes,
    etag,
    modifiedAt: numberIn(headers.get(OUTPUT_MODIFIED_HEADER)),
    sha256: readReprDigest(headers.get("repr-digest")),
    pieces: answerBody(response, endpoint),
  };
}

/** Asks for the hash of the first bytes of a file. @throws FetchmlError as {@link requestFile} does */
export async function requestHash(
  endpoint: Endpoint,
  address: string,
  { sizeBytes, signal }: { readonly sizeBytes: number; readonly signal: AbortSignal },
): Promise<OutputHash> {
  const response = await requestHttp(endpoint, {
    method: "GET",
    path: `${address}?${OUTPUT_HASH_PARAMETER}=${sizeBytes}`,
    headers: PLAIN,
    signal,
  });
  const text: Uint8Array[] = [];
  for await (const piece of answerBody(response, endpoint)) text.push(piece);
  const answer = parsedObject(Buffer.concat(text).toString("utf8"));
  const sha256 = answer?.["sha256"];
  const size = answer?.["size_bytes"];
  if ((sha256 !== null && typeof sha256 !== "string") || typeof size !== "number") throw nonsense();
  return { sha256, size_bytes: size };
}

/** Whether a tag names one version of a file and no other. */
export function isStrongTag(etag: string | null): etag is string {
  return etag?.startsWith('"') === true;
}

/** Whether an error says that there is no such file any more. */
export function isGone(error: unknown): boolean {
  return (
    error instanceof FetchmlError &&
    (error.code === "output-not-found" || error.code === "log-not-found")
  );
}

function startOf(contentRange: string | null, sizeBytes: number): number | null {
  const [, start, total] = /^bytes (\d{1,15})-\d{1,15}\/(\d{1,15})$/.exec(contentRange ?? "") ?? [];
  return Number(total) === sizeBytes ? Number(start) : null;
}

function numberIn(text: string | null): number | null {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

function nonsense(): FetchmlError {
  return new FetchmlError(
    "internal-error",
    "Cannot pull: the server's answer does not fit what it was asked. Its log may tell more.",
  );
}
