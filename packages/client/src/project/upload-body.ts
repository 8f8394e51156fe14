// The body of an upload: pieces that are read, and compressed where that helps, while those before them are sent.
import { FRAME_HEADER_BYTES, writeFrameHeader } from "@fetchml/protocol";
import type { UploadPiece, UploadPieces } from "./upload-pieces.ts";
import type { Way } from "./upload-way.ts";

/** A body that is made while it is sent. */
export interface UploadBody {
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Why the stream failed, if it did. */
  readonly failure: () => unknown;
  /** How much of it was handed over so far, and when that was: milliseconds of `performance.now()`. */
  readonly handedOver: () => { readonly bytes: number; readonly at: number };
}

/** How a body is made. */
export interface UploadBodyOptions {
  /** Decides what is compressed; `null` for a server that takes no frames, which gets the bytes as they are. */
  readonly way: Way | null;
  /** Told how many more bytes of content were handed over. */
  readonly onSent: (bytes: number) => void;
}

/** So many pieces lie ready for the connection. */
const HANDED_AHEAD = 2;

/** The body for these pieces. It runs ahead of the connection by four of them, no more. */
export function uploadBody(pieces: UploadPieces, { way, onSent }: UploadBodyOptions): UploadBody {
  const ready = ahead(wired(ahead(pieces), way));
  let failure: unknown;
  let wireBytes = 0;
  let handedOverAt = performance.now();
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        const askedAt = performance.now();
        const { done, value } = await ready.next().catch((error: unknown) => {
          failure = error;
          throw error;
        });
        if (done === true) return controller.close();
        controller.enqueue(value.wire);
        wireBytes += value.wire.length;
        const now = performance.now();
        way?.sent({
          plainBytes: value.plainBytes,
          wireBytes: value.wire.length,
          waitedMs: askedAt - handedOverAt,
          elapsedMs: now - handedOverAt,
        });
        handedOverAt = now;
        onSent(value.contentBytes);
      },
      async cancel() {
        await ready.return();
      },
    },
    // Else the connection waits for this thread with each: a gigabyte takes a sixth longer over loopback.
    { highWaterMark: HANDED_AHEAD },
  );
  return {
    stream,
    failure: () => failure,
    handedOver: () => ({ bytes: wireBytes, at: handedOverAt }),
  };
}

/** One that decompresses as fast as it can takes half a gigabyte of these a second, and they are a quarter of source code. */
const LEVEL = 3;

interface WiredPiece {
  readonly wire: Uint8Array<ArrayBuffer>;
  readonly plainBytes: number;
  readonly contentBytes: number;
}

async function* wired(
  pieces: UploadPieces,
  way: Way | null,
): AsyncGenerator<WiredPiece, void, void> {
  for await (const { room, contentBytes } of pieces) {
    const plain = room.subarray(FRAME_HEADER_BYTES);
    const wire = way === null ? plain : await framed(room, way);
    yield { wire, plainBytes: plain.length, contentBytes };
  }
}

async function framed(room: UploadPiece["room"], way: Way): Promise<Uint8Array<ArrayBuffer>> {
  const plain = room.subarray(FRAME_HEADER_BYTES);
  const plainBytes = plain.length;
  if (way.compressesNext(plainBytes)) {
    const begunAt = performance.now();
    const packed = await Bun.zstdCompress(plain, { level: LEVEL });
    const ms = performance.now() - begunAt;
    if (way.isWorth({ plainBytes, packedBytes: packed.length, ms })) {
      const frame = new Uint8Array(FRAME_HEADER_BYTES + packed.length);
      writeFrameHeader(frame, { form: "zstd", wireBytes: packed.length, plainBytes });
      frame.set(packed, FRAME_HEADER_BYTES);
      return frame;
    }
  }
  writeFrameHeader(room, { form: "plain", wireBytes: plainBytes, plainBytes });
  return room;
}

/** The same items, of which the next is made while the last one is used. */
async function* ahead<T>(items: AsyncGenerator<T, void, void>): AsyncGenerator<T, void, void> {
  let next = items.next();
  try {
    for (;;) {
      const { done, value } = await next;
      if (done === true) return;
      next = items.next();
      // It is looked at in the next round, if there is one.
      next.catch(() => undefined);
      yield value;
    }
  } finally {
    await next.catch(() => undefined);
    await items.return();
  }
}
