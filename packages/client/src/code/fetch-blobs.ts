// Fetches the content of files of a job's code: each checked against its hash, a lost connection made anew.
import { createBlobParser, FetchmlError, type BlobEvent, type BlobHeader } from "@fetchml/protocol";
import type { Endpoint } from "../client.ts";
import { answerBody } from "../connection/answer-body.ts";
import { requestHttp } from "../connection/http-request.ts";
import { systemPace, type Pace } from "../connection/pace.ts";

/** Takes blobs one after the other. What it throws ends the whole. */
export interface BlobSink {
  /** Begins a blob; the one before has ended or was dropped. */
  begin(blob: BlobHeader): void;
  /** Takes the next bytes, which do not change afterwards. */
  write(bytes: Uint8Array): void;
  /** The blob is whole, and has the hash that names it. */
  end(): void;
  /** The blob that was begun comes to no end here; it may begin anew. */
  drop(): void;
}

/** What is fetched, and who wants to know. */
export interface BlobsWanted {
  readonly jobId: number;
  /** Each hash once. */
  readonly blobs: readonly BlobHeader[];
  readonly sink: BlobSink;
  /** Called often, with bytes of content. It goes back when a lost connection took something with it. */
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void;
  readonly pace?: Pick<Pace, "delay">;
}

/**
 * Hands every blob to the sink, once. When the connection is lost, it is made anew a few times, and only what has not come
 * whole is asked for again.
 *
 * @throws FetchmlError the server's refusal; `unreachable`; `bad-content` when something else comes than was asked for; and
 *   what the sink throws
 */
export async function fetchBlobs(endpoint: Endpoint, wanted: BlobsWanted): Promise<void> {
  const { pace = systemPace } = wanted;
  const missing = new Map(wanted.blobs.map(({ hash, sizeBytes }) => [hash, sizeBytes]));
  const totalBytes = wanted.blobs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  let wholeBytes = 0;
  let losses = 0;
  while (missing.size > 0) {
    const before = missing.size;
    const batch = new Map(missing.entries().take(BATCH_BLOBS));
    try {
      await fetchBatch(endpoint, wanted, {
        batch,
        onBytes: (bytes) => wanted.onProgress?.(wholeBytes + bytes, totalBytes),
        onWhole: ({ hash, sizeBytes }) => {
          missing.delete(hash);
          wholeBytes += sizeBytes;
        },
      });
    } catch (error) {
      if (missing.size < before) losses = 0;
      const delayMs = RETRY_DELAYS_MS[losses];
      if (!isLoss(error) || delayMs === undefined) throw error;
      losses += 1;
      await pace.delay(delayMs);
    }
  }
}

// As for uploads: long enough for a Wi-Fi to change or a server to restart.
const RETRY_DELAYS_MS = [250, 500, 1000, 2000, 4000, 8000];

/** Servers take a list of up to 4 MiB. */
const BATCH_BLOBS = 20_000;

async function fetchBatch(
  endpoint: Endpoint,
  { jobId, sink }: BlobsWanted,
  batch: {
    readonly batch: Map<string, number>;
    readonly onBytes: (bytes: number) => void;
    readonly onWhole: (blob: BlobHeader) => void;
  },
): Promise<void> {
  const response = await requestHttp(endpoint, {
    method: "POST",
    path: `/jobs/${jobId}/blobs`,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ hashes: [...batch.batch.keys()] }),
  });
  const receiver = createReceiver(jobId, sink, batch);
  try {
    const parser = createBlobParser();
    for await (const chunk of answerBody(response, endpoint)) {
      for (const event of parser.feed(chunk)) receiver.take(event);
    }
    // A proxy may end an answer as if it were whole.
    if (batch.batch.size > 0) throw endedEarly();
  } finally {
    receiver.close();
  }
}

interface Receiver {
  take(event: BlobEvent): void;
  /** Drops what was begun and has not ended. */
  close(): void;
}

function createReceiver(
  jobId: number,
  sink: BlobSink,
  { batch, onBytes, onWhole }: Parameters<typeof fetchBatch>[2],
): Receiver {
  let current: (BlobHeader & { readonly hasher: Bun.CryptoHasher; bytes: number }) | null = null;
  return {
    take(event) {
      if (event.kind === "begin") {
        const { hash, sizeBytes } = event.header;
        if (batch.get(hash) !== sizeBytes) throw notWhatWasAsked(jobId);
        current = { hash, sizeBytes, hasher: new Bun.CryptoHasher("sha256"), bytes: 0 };
        sink.begin(event.header);
      } else if (current !== null && event.kind === "data") {
        current.hasher.update(event.bytes);
        current.bytes += event.bytes.length;
        sink.write(event.bytes);
        onBytes(current.bytes);
      } else if (current !== null) {
        if (current.hasher.digest("hex") !== current.hash) throw notWhatWasAsked(jobId);
        const blob = current;
        sink.end();
        current = null;
        batch.delete(blob.hash);
        onWhole(blob);
        onBytes(0);
      }
    },
    close() {
      if (current !== null) sink.drop();
      current = null;
    },
  };
}

function isLoss(error: unknown): boolean {
  return (
    error instanceof FetchmlError &&
    (error.code === "unreachable" || error.code === "shutting-down")
  );
}

function endedEarly(): FetchmlError {
  return new FetchmlError(
    "unreachable",
    "The connection to FetchML ended before all files had come. Try again.",
  );
}

function notWhatWasAsked(jobId: number): FetchmlError {
  return new FetchmlError(
    "bad-content",
    `Cannot take the code of job ${jobId}: what comes is not what its list of files says.\nTell the admin of the box; its disk may be damaged.`,
  );
}
