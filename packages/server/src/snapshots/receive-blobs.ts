// Receives the body of `POST /blobs`.
import {
  createBlobParser,
  FetchmlError,
  formatSize,
  type BlobEvent,
  type BlobHeader,
} from "@fetchml/protocol";
import { pauses } from "./in-turns.ts";
import { openIncomingBlobs, type IncomingBlobs, type IncomingOptions } from "./incoming-blobs.ts";
import {
  bytesOnDisk,
  watchRoom,
  type RoomClaim,
  type UploadNeed,
  type UploadRoom,
} from "./upload-room.ts";
import { whenQuiet } from "./when-quiet.ts";

/** Where blobs go, and what is done with them. */
export interface ReceiveOptions extends Omit<IncomingOptions, "claim"> {
  readonly room: UploadRoom;
  /** Upper bound of one blob. */
  readonly maxBlobBytes: number;
  /** Upper bounds of all blobs of one stream. Those that come again count again. */
  readonly maxBlobs: number;
  readonly maxTotalBytes: number;
  /** Milliseconds of a clock that nobody can set. */
  readonly now: () => number;
  /** After so long what is whole is stored, also while nothing comes; milliseconds, default 5000. */
  readonly storeEveryMs?: number;
  /** Called with the sizes of blobs that are stored durably, by hash, before the answer; also when the rest was bad. */
  readonly onStored: (blobs: ReadonlyMap<string, number>) => Promise<void>;
}

/**
 * Stores every whole blob of a stream. Resolves with their number when they are durable and `onStored` has resolved. When the
 * stream is cut, or something in it is bad, what came whole before that is stored all the same, so that the sender need not
 * send it again; nothing else is left behind. Of a long stream that is done again and again, so that a server that dies takes
 * no more than some seconds of it along, and a sender who was lost and comes again need not wait for the lost connection: while
 * nothing comes, nothing is claimed. What would take what the disk is to keep free is not stored, whole or not.
 *
 * @param stream the sender is not kept waiting for longer than a write takes; it is ended early when something is bad. However
 *   much comes in one piece of it, others are answered meanwhile
 * @throws FetchmlError bad-content for a wrong hash and an end inside a blob, too-large for a blob, a sum or a number over the
 *   limit; disk-full; and whatever the stream itself throws
 */
export async function receiveBlobs(
  stream: AsyncIterable<Uint8Array>,
  options: ReceiveOptions,
): Promise<number> {
  const claim = options.room.claim();
  const incoming = await openIncomingBlobs({ ...options, claim });
  let count = 0;
  // Of whole blobs whose hash is right, so that the size is, too.
  const sizes = new Map<string, number>();
  const store = async (): Promise<void> => {
    const stored = await incoming.commit();
    const blobs = new Map(stored.map((hash) => [hash, sizes.get(hash) ?? 0]));
    sizes.clear();
    if (stored.length > 0) await options.onStored(blobs);
    count += stored.length;
  };
  try {
    await takeAll(stream, { incoming, options, claim, sizes, store }).catch(
      async (error: unknown) => {
        await store().catch(() => undefined);
        throw error;
      },
    );
    await store();
    return count;
  } finally {
    claim.close();
    await incoming.close();
  }
}

/** What a loss of the server may cost the sender. */
const STORE_EVERY_MS = 5000;
const STORE_EVERY_BYTES = 256 * 1024 ** 2;

async function takeAll(
  stream: AsyncIterable<Uint8Array>,
  to: {
    readonly incoming: IncomingBlobs;
    readonly options: ReceiveOptions;
    readonly claim: RoomClaim;
    readonly sizes: Map<string, number>;
    readonly store: () => Promise<void>;
  },
): Promise<void> {
  const { incoming, options, claim, sizes, store } = to;
  const parser = createBlobParser();
  const check = limitCheck(options);
  const pause = pauses();
  const lookAgain = watchRoom(claim);
  const { storeEveryMs = STORE_EVERY_MS } = options;
  const need = (): UploadNeed => {
    const ended = incoming.need;
    return { ...ended, bytes: ended.bytes + toCome, files: ended.files + 1 };
  };
  let toCome = 0;
  let storedAt = options.now();
  let header: BlobHeader | null = null;
  const storeNow = async (): Promise<void> => {
    await store();
    storedAt = options.now();
  };
  const take = async (chunk: Uint8Array): Promise<void> => {
    for (const event of parser.feed(chunk)) {
      if (event.kind === "begin") {
        check(event.header);
        ({ header } = event);
        toCome = bytesOnDisk(header.sizeBytes);
        // With its length announced: a large one is not begun where it has no room.
        lookAgain(toCome, need());
      } else if (event.kind === "data") {
        toCome -= event.bytes.length;
        lookAgain(event.bytes.length, need());
      }
      const room = apply(event, incoming);
      if (room !== null) await room;
      if (event.kind !== "end") continue;
      if (header !== null) sizes.set(header.hash, header.sizeBytes);
      const isMuch = incoming.uncommittedBytes >= STORE_EVERY_BYTES;
      if (isMuch || options.now() - storedAt >= storeEveryMs) await storeNow();
      // A kilobyte on the wire can be a million blobs without content, none of which waits for the disk.
      const turn = pause();
      if (turn !== null) await turn;
    }
  };
  const quiet = whenQuiet(storeEveryMs, storeNow);
  try {
    quiet.begin();
    for await (const chunk of stream) {
      await quiet.end();
      await take(chunk);
      quiet.begin();
    }
    await quiet.end();
  } finally {
    // What has ended the stream is told, rather than what else went wrong meanwhile.
    await quiet.end().catch(() => undefined);
  }
  if (!parser.isBetweenBlobs()) {
    throw new FetchmlError(
      "bad-content",
      "The upload ended in the middle of a file. Send what is missing again.",
    );
  }
}

function apply(event: BlobEvent, incoming: IncomingBlobs): Promise<void> | null {
  switch (event.kind) {
    case "begin":
      return incoming.begin(event.header);
    case "data":
      return incoming.write(event.bytes);
    case "end":
      return incoming.end();
  }
}

function limitCheck({
  maxBlobBytes,
  maxBlobs,
  maxTotalBytes,
}: ReceiveOptions): (header: BlobHeader) => void {
  let count = 0;
  let total = 0;
  return ({ hash, sizeBytes }) => {
    if (sizeBytes > maxBlobBytes) throw tooLargeBlob({ hash, sizeBytes }, maxBlobBytes);
    count += 1;
    if (count > maxBlobs) throw tooMuch(`${maxBlobs} files`);
    total += sizeBytes;
    if (total > maxTotalBytes) throw tooMuch(formatSize(maxTotalBytes));
  };
}

function tooMuch(limit: string): FetchmlError {
  return new FetchmlError(
    "too-large",
    `Cannot store more than ${limit} in one upload. Leave out through .mlignore what the job does not need.`,
  );
}

/** The error for whoever sends a blob over the limit. */
export function tooLargeBlob({ hash, sizeBytes }: BlobHeader, maxBytes: number): FetchmlError {
  return new FetchmlError(
    "too-large",
    `Cannot store a file of ${formatSize(sizeBytes)}: this server takes files up to ${formatSize(maxBytes)}. Leave it out through .mlignore.`,
    { details: { hash } },
  );
}
