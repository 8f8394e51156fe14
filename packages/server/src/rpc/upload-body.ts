// Reads an upload piece by piece, no faster than it is taken, and stops reading when it must.
import { FetchmlError, formatSize } from "@fetchml/protocol";

/** Seconds for which an upload may send nothing. */
const SILENCE_S = 120;

/** What an upload is held to while it is read. */
export interface UploadLimits {
  /** Most bytes; `null` for no limit. */
  readonly limitBytes: number | null;
  readonly signal: AbortSignal;
  /** Gives the sender that many seconds until the next byte. */
  readonly allowSilence: (seconds: number) => void;
}

/**
 * The pieces of a body. The sender is slowed down to the speed at which they are taken.
 * @throws FetchmlError too-large, bad-content (the sender has gone), and what the signal was aborted with
 */
export async function* uploadBody(
  request: Request,
  { limitBytes, signal, allowSilence }: UploadLimits,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const announced = Number(request.headers.get("content-length") ?? 0);
  if (limitBytes !== null && announced > limitBytes) throw tooLarge(limitBytes);
  if (request.body === null) return;
  const reader: Reader = request.body.getReader();
  const stop = () => void reader.cancel().catch(() => undefined);
  signal.addEventListener("abort", stop);
  try {
    let size = 0;
    for (;;) {
      signal.throwIfAborted();
      // Bun counts a slow sender as silent, so the time is given anew for every piece.
      allowSilence(SILENCE_S);
      const { done, value } = await nextPiece(reader, signal);
      if (done) return;
      size += value.length;
      if (limitBytes !== null && size > limitBytes) throw tooLarge(limitBytes);
      yield value;
    }
  } finally {
    signal.removeEventListener("abort", stop);
    stop();
  }
}

/** The same as a stream, which reads only when it is read from. */
export function uploadStream(
  request: Request,
  limits: UploadLimits,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const pieces = uploadBody(request, limits);
  return new ReadableStream(
    {
      pull: async (controller) => {
        const { done, value } = await pieces.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      cancel: async () => {
        await pieces.return();
      },
    },
    { highWaterMark: 0 },
  );
}

interface Reader {
  read(): Promise<Piece>;
  cancel(): Promise<void>;
}

type Piece =
  | { readonly done: true; readonly value?: undefined }
  | { readonly done: false; readonly value: Uint8Array<ArrayBuffer> };

async function nextPiece(reader: Reader, signal: AbortSignal): Promise<Piece> {
  try {
    const piece = await reader.read();
    signal.throwIfAborted();
    return piece;
  } catch (error) {
    signal.throwIfAborted();
    throw new FetchmlError("bad-content", "The upload broke off before its end. Send it again.", {
      cause: error,
    });
  }
}

function tooLarge(limitBytes: number): FetchmlError {
  return new FetchmlError(
    "too-large",
    `The upload is over its limit of ${formatSize(limitBytes)}.`,
  );
}
