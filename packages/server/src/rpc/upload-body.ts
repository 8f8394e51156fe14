// Reads an upload piece by piece, no faster than it is taken, and stops reading when it must.
import { FetchmlError, formatSize, FRAMES_ENCODING } from "@fetchml/protocol";
import { pauses } from "../snapshots/in-turns.ts";
import { unframed, type Piece } from "./upload-frames.ts";
import type { Turn } from "./user-turns.ts";

/** Seconds for which an upload may send nothing. */
export const SILENCE_S = 120;

/** What an upload is held to while it is read. */
export interface UploadLimits {
  /** Most bytes, after decompression; `null` for no limit. */
  readonly limitBytes: number | null;
  readonly signal: AbortSignal;
  /** Gives the sender that many seconds until the next byte. */
  readonly allowSilence: (seconds: number) => void;
  /** Missing where nobody waits for its end. */
  readonly turn?: Turn;
}

/**
 * The pieces of a body, taken out of their frames where it is framed. The sender is slowed down to the speed at which they are
 * taken, and others are answered meanwhile.
 * @throws FetchmlError too-large, bad-content (the sender has gone, or what it sends has no known form), and what the signal
 *   was aborted with
 */
export async function* uploadBody(
  request: Request,
  limits: UploadLimits,
): AsyncGenerator<Piece, void, undefined> {
  const { limitBytes } = limits;
  const encoding = request.headers.get("content-encoding") ?? "identity";
  if (encoding !== "identity" && encoding !== FRAMES_ENCODING) throw unknownEncoding(encoding);
  const wire = wirePieces(request, limits);
  if (encoding === "identity") {
    const announced = Number(request.headers.get("content-length") ?? 0);
    if (limitBytes !== null && announced > limitBytes) throw tooLarge(limitBytes);
  }
  let size = 0;
  const pause = pauses();
  for await (const piece of encoding === "identity" ? wire : unframed(wire)) {
    size += piece.length;
    if (limitBytes !== null && size > limitBytes) throw tooLarge(limitBytes);
    yield piece;
    const turn = pause();
    if (turn === null) continue;
    await turn;
    // What has come may stand for seven thousand times as much: that is not worked through for nobody.
    limits.signal.throwIfAborted();
    if (request.signal.aborted) throw brokenOff(request.signal.reason);
  }
}

async function* wirePieces(
  request: Request,
  limits: UploadLimits,
): AsyncGenerator<Piece, void, undefined> {
  if (request.body === null) return;
  const { signal } = limits;
  const reader: Reader = request.body.getReader();
  const stop = () => void reader.cancel().catch(() => undefined);
  signal.addEventListener("abort", stop);
  const silence = silenceWithin(limits);
  try {
    for (;;) {
      signal.throwIfAborted();
      silence.begins();
      const { done, value } = await nextPiece(reader, signal);
      silence.ends();
      if (done) return;
      yield value;
    }
  } finally {
    silence.close();
    signal.removeEventListener("abort", stop);
    stop();
  }
}

/**
 * Bounds how long nothing may come while a piece is waited for: less once others wait for the turn. While the server works on a
 * piece, nothing counts against its sender. The short time is given once for each piece: otherwise one who comes and goes again and
 * again would lengthen it for ever.
 */
function silenceWithin({ allowSilence, turn }: UploadLimits): {
  readonly begins: () => void;
  readonly ends: () => void;
  readonly close: () => void;
} {
  let isWaiting = false;
  let isHurried = false;
  const hurry = (): void => {
    if (!isWaiting || isHurried || turn === undefined) return;
    isHurried = true;
    allowSilence(turn.awaitedSilenceS);
  };
  const close = turn?.whenAwaited(hurry) ?? (() => undefined);
  return {
    begins: () => {
      isWaiting = true;
      isHurried = false;
      // Bun counts a slow sender as silent, so the time is given anew for every piece.
      if (turn?.isAwaited === true) hurry();
      else allowSilence(SILENCE_S);
    },
    ends: () => {
      isWaiting = false;
      if (isHurried) allowSilence(SILENCE_S);
    },
    close,
  };
}

interface Reader {
  read(): Promise<Read>;
  cancel(): Promise<void>;
}

type Read =
  | { readonly done: true; readonly value?: undefined }
  | { readonly done: false; readonly value: Piece };

async function nextPiece(reader: Reader, signal: AbortSignal): Promise<Read> {
  try {
    const piece = await reader.read();
    signal.throwIfAborted();
    return piece;
  } catch (error) {
    signal.throwIfAborted();
    throw brokenOff(error);
  }
}

function brokenOff(cause: unknown): FetchmlError {
  return new FetchmlError("bad-content", "The upload broke off before its end. Send it again.", {
    cause,
  });
}

function tooLarge(limitBytes: number): FetchmlError {
  return new FetchmlError(
    "too-large",
    `The upload is over its limit of ${formatSize(limitBytes)}.`,
  );
}

function unknownEncoding(encoding: string): FetchmlError {
  return new FetchmlError(
    "invalid-request",
    `The body has the encoding ${JSON.stringify(encoding.slice(0, 40))}. This server takes it as it is, or as ${FRAMES_ENCODING}.`,
  );
}
