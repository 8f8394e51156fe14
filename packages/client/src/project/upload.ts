// Sends a frozen project to the server: the list of its files, then the content that the server lacks.
import {
  BLOB_STREAM_TYPE,
  FetchmlError,
  FRAMES_ENCODING,
  UPLOAD_LENGTH_HEADER,
  UPLOAD_OFFSET_HEADER,
  UPLOAD_SNAPSHOT_HEADER,
} from "@fetchml/protocol";
import type { Endpoint } from "../client.ts";
import { parsedObject } from "../connection/envelope.ts";
import { requestHttp } from "../connection/http-request.ts";
import { systemPace, type Pace } from "../connection/pace.ts";
import type { FrozenProject } from "./frozen-project.ts";
import { inBatches } from "./upload-batches.ts";
import { uploadBody } from "./upload-body.ts";
import {
  changed,
  piecesOfBlobs,
  piecesOfFile,
  type BlobSource,
  type UploadPieces,
} from "./upload-pieces.ts";
import { askByChange, askLacking, type Lacking } from "./upload-question.ts";
import { Way } from "./upload-way.ts";

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
 * times, and only what did not arrive is sent again: a large file goes on where it was.
 *
 * @throws FetchmlError the server's refusal; `unreachable`; `bad-content` when a file has changed since it was frozen: then
 *   freeze again with `fresh` and upload that
 */
export async function uploadSnapshot(
  endpoint: Endpoint,
  frozen: FrozenProject,
  options: UploadOptions = {},
): Promise<void> {
  const { pace = systemPace, signal } = options;
  const { snapshot } = frozen;
  let mayAskByChange = true;
  let totalBytes: number | null = null;
  let leastWork = Infinity;
  let way: Way | null = null;
  for (let losses = 0; ;) {
    try {
      const byChange: Lacking | null = mayAskByChange
        ? await askByChange(endpoint, frozen, signal)
        : null;
      mayAskByChange = byChange !== null;
      const lacking = byChange ?? (await askLacking(endpoint, frozen, signal));
      if (lacking.blobs.length === 0) return;
      const work = workOf(lacking);
      totalBytes ??= work.bytes;
      if (work.weight < leastWork) losses = 0;
      else if (++losses > RETRY_DELAYS_MS.length) throw neverEnough(lacking.blobs.length);
      leastWork = Math.min(leastWork, work.weight);
      if (lacking.takesFrames) way ??= new Way(lacking.roundTrip);
      const { onSent } = counter(options, totalBytes, totalBytes - work.bytes);
      const sending = { snapshot, way, onSent, signal };
      if (await sendAll(endpoint, lacking, sending)) return;
    } catch (error) {
      const delayMs = RETRY_DELAYS_MS[losses];
      if (!isLoss(error) || delayMs === undefined || signal?.aborted === true) throw error;
      losses += 1;
      await pace.delay(delayMs);
    }
  }
}

// Long enough for a Wi-Fi to change or a server to restart.
const RETRY_DELAYS_MS = [250, 500, 1000, 2000, 4000, 8000];

/** From this size on a file travels by itself, and goes on where it was after a loss. */
const LARGE_BYTES = 8 * 1024 ** 2;

/** How a part of an upload is sent. */
interface Sending {
  readonly snapshot: string;
  readonly way: Way | null;
  readonly onSent: (bytes: number) => void;
  readonly signal: AbortSignal | undefined;
}

/** Bytes of content still to be sent; and the same as a number that gets less with every file, be it an empty one. */
function workOf({ blobs, receivedBytes }: Lacking): {
  readonly bytes: number;
  readonly weight: number;
} {
  const bytes = blobs.reduce(
    (sum, { hash, sizeBytes }) => sum + sizeBytes - (receivedBytes.get(hash) ?? 0),
    0,
  );
  return { bytes, weight: bytes + blobs.length };
}

function counter(
  { onProgress }: UploadOptions,
  totalBytes: number,
  sentBefore: number,
): Pick<Sending, "onSent"> {
  let sentBytes = sentBefore;
  return {
    onSent: (bytes) => {
      sentBytes += bytes;
      onProgress?.({ sentBytes, totalBytes });
    },
  };
}

/** Sends what is lacking; whether the server says that the snapshot is whole now. */
async function sendAll(
  endpoint: Endpoint,
  { blobs, receivedBytes }: Lacking,
  sending: Sending,
): Promise<boolean> {
  let isComplete = false;
  const small = blobs.filter(({ sizeBytes }) => sizeBytes < LARGE_BYTES);
  for (const batch of inBatches(small)) {
    const headers = { "content-type": BLOB_STREAM_TYPE };
    const pieces = piecesOfBlobs(batch);
    isComplete = await send(endpoint, { method: "POST", path: "/blobs", headers, pieces }, sending);
  }
  for (const blob of blobs) {
    if (blob.sizeBytes < LARGE_BYTES) continue;
    const offset = receivedBytes.get(blob.hash) ?? 0;
    isComplete = await sendLarge(endpoint, { blob, offset }, sending);
  }
  return isComplete;
}

async function sendLarge(
  endpoint: Endpoint,
  { blob, offset }: { readonly blob: BlobSource; readonly offset: number },
  sending: Sending,
): Promise<boolean> {
  const headers = {
    "content-type": "application/octet-stream",
    [UPLOAD_LENGTH_HEADER]: String(blob.sizeBytes),
    [UPLOAD_OFFSET_HEADER]: String(offset),
  };
  const pieces = piecesOfFile(blob, offset);
  const path = `/blobs/${blob.hash}`;
  return send(endpoint, { method: "PUT", path, headers, pieces }, sending).catch(
    (error: unknown) => {
      // The server has worked out another hash than the file had.
      throw isCode(error, "bad-content") ? changed(blob, error) : error;
    },
  );
}

async function send(
  endpoint: Endpoint,
  request: {
    readonly method: "POST" | "PUT";
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly pieces: UploadPieces;
  },
  { snapshot, way, onSent, signal }: Sending,
): Promise<boolean> {
  const { method, path, pieces } = request;
  const headers = {
    ...request.headers,
    [UPLOAD_SNAPSHOT_HEADER]: snapshot,
    ...(way !== null && { "content-encoding": FRAMES_ENCODING }),
  };
  const { stream, failure } = uploadBody(pieces, { way, onSent });
  try {
    const response = await requestHttp(endpoint, {
      method,
      path,
      headers,
      body: stream,
      ...(signal === undefined ? {} : { signal }),
    });
    return parsedObject(await response.text())?.["complete"] === true;
  } catch (error) {
    // A body that fails looks like a lost connection from outside.
    throw failure() ?? error;
  }
}

/** Whether it may go better the next time: also when somebody else has changed what has arrived of a large file. */
function isLoss(error: unknown): boolean {
  return (
    isCode(error, "unreachable") || isCode(error, "shutting-down") || isCode(error, "conflict")
  );
}

function isCode(error: unknown, code: FetchmlError["code"]): boolean {
  return error instanceof FetchmlError && error.code === code;
}

function neverEnough(count: number): FetchmlError {
  return new FetchmlError(
    "internal-error",
    `Cannot send the project: the server keeps asking for the same ${count} files. Its log may tell more.`,
  );
}
