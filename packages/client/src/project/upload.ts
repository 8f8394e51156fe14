// Sends a frozen project to the server: the list of its files, then the content that the server lacks.
import { BLOB_STREAM_TYPE, FetchmlError, type SnapshotAnswer } from "@fetchml/protocol";
import type { Endpoint } from "../client.ts";
import { isRecord, parsedObject } from "../connection/envelope.ts";
import { requestHttp } from "../connection/http-request.ts";
import { systemPace, type Pace } from "../connection/pace.ts";
import { blobBody, type BlobSource } from "./blob-body.ts";
import type { FrozenContent, FrozenProject } from "./freeze.ts";

/** How far an upload is; bytes of content. */
export interface UploadProgress {
  readonly sentBytes: number;
  /** What the server lacked at first. */
  readonly totalBytes: number;
}

/** How to upload. */
export interface UploadOptions {
  /** Called often. `sentBytes` goes back when a lost connection took something with it. */
  readonly onProgress?: (progress: UploadProgress) => void;
  readonly pace?: Pick<Pace, "delay">;
  /** Ends the upload; what arrived whole is kept. */
  readonly signal?: AbortSignal;
}

/**
 * Sends what the server lacks of a snapshot; resolves when all of it is stored durably. A lost connection is made anew a few
 * times, and only what did not arrive whole is sent again.
 *
 * @throws FetchmlError the server's refusal; `unreachable`; `bad-content` when a file has changed since it was frozen: then
 *   freeze again with `fresh` and upload that
 */
export async function uploadSnapshot(
  endpoint: Endpoint,
  frozen: FrozenProject,
  options: UploadOptions = {},
): Promise<void> {
  const { pace = systemPace, onProgress } = options;
  const content = frozen.content();
  let totalBytes: number | null = null;
  let leastMissing = Infinity;
  for (let losses = 0; ;) {
    try {
      const missing = await askMissing(endpoint, { frozen, content, signal: options.signal });
      if (missing.length === 0) return;
      const missingBytes = missing.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      totalBytes ??= missingBytes;
      if (missing.length < leastMissing) losses = 0;
      else if (++losses > RETRY_DELAYS_MS.length) throw neverEnough(missing.length);
      leastMissing = missing.length;
      let sentBytes = totalBytes - missingBytes;
      const onSent = (bytes: number) => {
        sentBytes += bytes;
        onProgress?.({ sentBytes, totalBytes: totalBytes ?? sentBytes });
      };
      for (const batch of inBatches(missing)) {
        await sendBatch(endpoint, batch, { onSent, signal: options.signal });
      }
    } catch (error) {
      const delayMs = RETRY_DELAYS_MS[losses];
      if (!isLoss(error) || delayMs === undefined || options.signal?.aborted === true) throw error;
      losses += 1;
      await pace.delay(delayMs);
    }
  }
}

// Long enough for a Wi-Fi to change or a server to restart.
const RETRY_DELAYS_MS = [250, 500, 1000, 2000, 4000, 8000];

const BATCH_BYTES = 64 * 1024 ** 2;
const BATCH_BLOBS = 10_000;

async function askMissing(
  endpoint: Endpoint,
  from: {
    readonly frozen: FrozenProject;
    readonly content: FrozenContent;
    readonly signal: AbortSignal | undefined;
  },
): Promise<readonly BlobSource[]> {
  const { frozen, content, signal } = from;
  const response = await requestHttp(endpoint, {
    method: "POST",
    path: "/snapshots",
    headers: { "content-type": "application/json" },
    body: content.text,
    ...(signal === undefined ? {} : { signal }),
  });
  const answer: unknown = parsedObject(await response.text());
  if (!isAnswer(answer) || answer.snapshot !== frozen.snapshot) throw nonsense();
  return answer.missing.map((hash) => {
    const file = content.files.get(hash);
    if (file === undefined) throw nonsense();
    return { hash, ...file };
  });
}

function* inBatches(blobs: readonly BlobSource[]): Generator<readonly BlobSource[]> {
  let batch: BlobSource[] = [];
  let bytes = 0;
  for (const blob of blobs) {
    const isFull = bytes + blob.sizeBytes > BATCH_BYTES || batch.length === BATCH_BLOBS;
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

async function sendBatch(
  endpoint: Endpoint,
  batch: readonly BlobSource[],
  from: { readonly onSent: (bytes: number) => void; readonly signal: AbortSignal | undefined },
): Promise<void> {
  const { stream, failure } = blobBody(batch, from.onSent);
  try {
    const response = await requestHttp(endpoint, {
      method: "POST",
      path: "/blobs",
      headers: { "content-type": BLOB_STREAM_TYPE },
      body: stream,
      ...(from.signal === undefined ? {} : { signal: from.signal }),
    });
    await response.text();
  } catch (error) {
    // A body that fails looks like a lost connection from outside.
    throw failure() ?? error;
  }
}

function isAnswer(value: unknown): value is SnapshotAnswer {
  return (
    isRecord(value) &&
    typeof value["snapshot"] === "string" &&
    Array.isArray(value["missing"]) &&
    value["missing"].every((hash) => typeof hash === "string")
  );
}

function isLoss(error: unknown): boolean {
  return (
    error instanceof FetchmlError &&
    (error.code === "unreachable" || error.code === "shutting-down")
  );
}

function nonsense(): FetchmlError {
  return new FetchmlError(
    "internal-error",
    "Cannot send the project: the server's answer does not fit what it was asked. Its log may tell more.",
  );
}

function neverEnough(count: number): FetchmlError {
  return new FetchmlError(
    "internal-error",
    `Cannot send the project: the server keeps asking for the same ${count} files. Its log may tell more.`,
  );
}
