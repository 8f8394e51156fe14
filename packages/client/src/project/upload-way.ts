// Tells whether compressing helps on the way to the server, from what the way has done so far.

/** What was measured of one request and its answer. */
export interface RoundTrip {
  /** From its beginning until the answer was there, without the time in which the server worked; milliseconds. */
  readonly elapsedMs: number;
  /** Bytes of the request and of the answer. */
  readonly bytes: number;
}

/** What became of one piece. */
export interface SentPiece {
  readonly plainBytes: number;
  readonly wireBytes: number;
  /** How long the way took to ask for the next one; milliseconds. */
  readonly waitedMs: number;
  /** From the piece before until this one was taken; milliseconds. */
  readonly elapsedMs: number;
}

/** A way as fast as this machine's own: to compress would slow it down. Real ones of 1 Gbit/s and more count as such. */
const FAST_ROUND_TRIP_MS = 5;
const FAST_BYTES_PER_MS = 100_000;

/** Bytes that disappear in buffers at once, however slow the way is. What is seen of them says nothing. */
const BUFFERS_BYTES = 32 * 1024 ** 2;

/** How much is sent before it is decided anew. */
const WINDOW_BYTES = 16 * 1024 ** 2;

/** Only what saves a fifth is worth the trouble. */
const WORTH = 0.8;

/** Of less than that nothing is gained or learned. */
const TOO_SMALL_BYTES = 512;

/** After a piece that was not worth it, so many go as they are before the next try: most of a large file is alike. */
const SKIPPED = 15;

/**
 * Decides for each piece of an upload whether to compress it. A first request tells roughly how fast the way is; later the
 * speeds reached with and without are compared, each being tried where it promises something.
 */
export class Way {
  #compresses: boolean;
  #skip = 0;
  #buffered = 0;
  /** Bytes a millisecond, plain ones, that were reached with (`true`) and without compressing. */
  readonly #speeds = new Map<boolean, number>();
  /** Bytes a millisecond of the compressor alone, and what it makes of 1. */
  #compressor: { readonly speed: number; readonly ratio: number } | null = null;
  #window = { plainBytes: 0, wireBytes: 0, waitedMs: 0, elapsedMs: 0 };

  /** @param first `null` when nothing is known: then compressing costs less than not to */
  constructor(first: RoundTrip | null) {
    const fastMs = FAST_ROUND_TRIP_MS + (first?.bytes ?? 0) / FAST_BYTES_PER_MS;
    this.#compresses = first === null || first.elapsedMs > fastMs;
  }

  /** Whether the next piece is to be compressed, be it only to see what comes of it. Ask once for each. */
  compressesNext(plainBytes: number): boolean {
    if (plainBytes < TOO_SMALL_BYTES) return false;
    if (this.#skip > 0) {
      this.#skip -= 1;
      return false;
    }
    return this.#compresses || this.#compressor === null;
  }

  /** Notes what compressing made of a piece; answers whether the result is to be sent. */
  isWorth(tried: {
    readonly plainBytes: number;
    readonly packedBytes: number;
    readonly ms: number;
  }): boolean {
    const ratio = tried.packedBytes / tried.plainBytes;
    this.#compressor = { speed: tried.plainBytes / Math.max(tried.ms, 0.01), ratio };
    if (ratio <= WORTH) return this.#compresses;
    this.#skip = SKIPPED;
    return false;
  }

  /** Notes that a piece has left. */
  sent(piece: SentPiece): void {
    if (this.#buffered < BUFFERS_BYTES) {
      this.#buffered += piece.wireBytes;
      return;
    }
    const window = this.#window;
    window.plainBytes += piece.plainBytes;
    window.wireBytes += piece.wireBytes;
    window.waitedMs += piece.waitedMs;
    window.elapsedMs += piece.elapsedMs;
    if (window.wireBytes < WINDOW_BYTES) return;
    this.#speeds.set(this.#compresses, window.plainBytes / Math.max(window.elapsedMs, 0.01));
    if (this.#otherIsBetter()) {
      this.#compresses = !this.#compresses;
      this.#compressor = null;
    }
    this.#window = { plainBytes: 0, wireBytes: 0, waitedMs: 0, elapsedMs: 0 };
  }

  #otherIsBetter(): boolean {
    const now = this.#speeds.get(this.#compresses) ?? 0;
    const other = this.#speeds.get(!this.#compresses);
    if (other !== undefined) return other > now;
    // With compressing, the way had to wait for it: without, it may go faster.
    if (this.#compresses) return this.#window.waitedMs < 0.2 * this.#window.elapsedMs;
    const { speed, ratio } = this.#compressor ?? { speed: 0, ratio: 1 };
    return ratio <= WORTH && speed > 1.25 * now;
  }
}
