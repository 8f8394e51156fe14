// Receives the body of `POST /blobs`.
import { FetchmlError, formatSize, type BlobHeader } from "@fetchml/protocol";
import { createBlobParser, type BlobEvent } from "./blob-parser.ts";
import { openIncomingBlobs, type IncomingBlobs } from "./incoming-blobs.ts";
import type { SnapshotFolder } from "./snapshot-folder.ts";

/** Where blobs go, and what is done with them. */
export interface ReceiveOptions {
  readonly folder: SnapshotFolder;
  /** Upper bound of one blob. */
  readonly maxBlobBytes: number;
  /** Called once with the hashes of all blobs that are stored durably, before the answer; also when the rest was bad. */
  readonly onStored: (hashes: readonly string[]) => Promise<void>;
}

/**
 * Stores every whole blob of a stream. Resolves with their number when they are durable and `onStored` has resolved. When the
 * stream is cut, or something in it is bad, what came whole before that is stored all the same, so that the sender need not
 * send it again; nothing else is left behind.
 *
 * @param stream the sender is not kept waiting for longer than a write takes; it is ended early when something is bad
 * @throws FetchmlError bad-content for a wrong hash and an end inside a blob, too-large for a blob over the limit; and
 *   whatever the stream itself throws
 */
export async function receiveBlobs(
  stream: AsyncIterable<Uint8Array>,
  options: ReceiveOptions,
): Promise<number> {
  const incoming = await openIncomingBlobs(options.folder);
  try {
    const broken = await takeAll(stream, incoming, options).then(
      () => null,
      (error: unknown) => ({ error }),
    );
    const stored = await incoming.commit().catch((error: unknown) => {
      throw broken === null ? error : broken.error;
    });
    if (stored.length > 0) await options.onStored(stored);
    if (broken !== null) throw broken.error;
    return stored.length;
  } finally {
    await incoming.close();
  }
}

async function takeAll(
  stream: AsyncIterable<Uint8Array>,
  incoming: IncomingBlobs,
  { maxBlobBytes }: ReceiveOptions,
): Promise<void> {
  const parser = createBlobParser();
  for await (const chunk of stream) {
    for (const event of parser.feed(chunk)) await apply(event, incoming, maxBlobBytes);
  }
  if (!parser.isBetweenBlobs()) {
    throw new FetchmlError(
      "bad-content",
      "The upload ended in the middle of a file. Send what is missing again.",
    );
  }
}

function apply(event: BlobEvent, incoming: IncomingBlobs, maxBlobBytes: number): Promise<void> {
  switch (event.kind) {
    case "begin":
      refuseTooLarge(event.header, maxBlobBytes);
      return incoming.begin(event.header);
    case "data":
      return incoming.write(event.bytes);
    case "end":
      return incoming.end();
  }
}

function refuseTooLarge({ hash, sizeBytes }: BlobHeader, maxBlobBytes: number): void {
  if (sizeBytes <= maxBlobBytes) return;
  throw new FetchmlError(
    "too-large",
    `Cannot store a file of ${formatSize(sizeBytes)}: this server takes files up to ${formatSize(maxBlobBytes)}. Leave it out through .mlignore.`,
    { details: { hash } },
  );
}
