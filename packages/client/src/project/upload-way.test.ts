// Tests of deciding what is compressed, against ways and machines that are worked out instead of waited for.
import { describe, expect, test } from "bun:test";
import { Way, type RoundTrip } from "./upload-way.ts";

const PIECE = 512 * 1024;
const MB = 1_000_000;

interface World {
  /** Bytes a millisecond that the way takes in the long run. */
  readonly speed: number;
  /** Bytes a millisecond that can be compressed, and what 1 becomes. */
  readonly compressor: { readonly speed: number; readonly ratio: number };
  readonly first: RoundTrip | null;
}

const TEXT = { speed: 400_000, ratio: 0.25 };
const NOISE = { speed: 2_000_000, ratio: 1.0001 };
const NEAR: RoundTrip = { elapsedMs: 0.5, bytes: 1000 };
const FAR: RoundTrip = { elapsedMs: 40, bytes: 1000 };

/** Sends so many bytes; which share of them went compressed, and how long it took. */
function send({ speed, compressor, first }: World, bytes: number) {
  const way = new Way(first);
  let free = 20 * MB;
  let packedBytes = 0;
  let totalMs = 0;
  for (let sent = 0; sent < bytes; sent += PIECE) {
    const tries = way.compressesNext(PIECE);
    const makingMs = 0.1 + (tries ? PIECE / compressor.speed : 0);
    const packed = Math.ceil(PIECE * compressor.ratio);
    const isPacked =
      tries &&
      way.isWorth({ plainBytes: PIECE, packedBytes: packed, ms: PIECE / compressor.speed });
    const wireBytes = isPacked ? packed : PIECE;
    // While it is made, the way empties the buffers.
    free = Math.min(20 * MB, free + makingMs * speed) - wireBytes;
    const waitedMs = free < 0 ? -free / speed : 0;
    free = Math.max(free, 0);
    way.sent({ plainBytes: PIECE, wireBytes, waitedMs, elapsedMs: makingMs + waitedMs });
    if (isPacked) packedBytes += PIECE;
    totalMs += makingMs + waitedMs;
  }
  return { share: packedBytes / bytes, totalMs };
}

describe("Way", () => {
  test.each([1, 10, 100].map((megabytes) => megabytes * 1000))(
    "compresses all text on a way of %d bytes a millisecond",
    (speed) => {
      expect(send({ speed, compressor: TEXT, first: FAR }, 500 * MB).share).toBeGreaterThan(0.9);
    },
  );

  test("leaves text as it is on a way that is as fast as the machine", () => {
    const world = { speed: 2_000_000, compressor: TEXT, first: NEAR };
    expect(send(world, 1000 * MB).share).toBe(0);
  });

  test("never sends what compressing does not make smaller", () => {
    for (const first of [NEAR, FAR, null]) {
      const world = { speed: 10_000, compressor: NOISE, first };
      expect(send(world, 300 * MB).share).toBe(0);
    }
  });

  test("tries on noise only now and then", () => {
    const way = new Way(FAR);
    let tries = 0;
    for (let piece = 0; piece < 160; piece++) {
      if (!way.compressesNext(PIECE)) continue;
      tries += 1;
      way.isWorth({ plainBytes: PIECE, packedBytes: PIECE + 20, ms: 1 });
    }
    expect(tries).toBe(10);
  });

  test("notices that a way that seemed fast is slow", () => {
    const world = { speed: 10_000, compressor: TEXT, first: NEAR };
    const { share, totalMs } = send(world, 1000 * MB);
    expect(share).toBeGreaterThan(0.9);
    expect(totalMs).toBeLessThan((0.4 * (1000 * MB)) / world.speed);
  });

  test("notices that a way that seemed slow is fast", () => {
    const world = { speed: 3_000_000, compressor: TEXT, first: FAR };
    expect(send(world, 2000 * MB).share).toBeLessThan(0.25);
  });

  test("compresses when nothing is known, which costs little", () => {
    expect(new Way(null).compressesNext(PIECE)).toBe(true);
    expect(new Way(null).compressesNext(40)).toBe(false);
  });

  test("takes a long answer over a fast way for fast", () => {
    const way = new Way({ elapsedMs: 20, bytes: 5 * MB });
    way.isWorth({ plainBytes: PIECE, packedBytes: 1000, ms: 1 });
    expect(way.compressesNext(PIECE)).toBe(false);
  });
});
