// Tests of reading an upload that stands for far more than has come.
import { describe, expect, test } from "bun:test";
import { zstdCompressSync } from "node:zlib";
import { FRAME_HEADER_BYTES, FRAMES_ENCODING, writeFrameHeader } from "@fetchml/protocol";
import { uploadBody } from "./upload-body.ts";

const MIB = 1024 ** 2;

/** So many take some tenths of a second. */
const FRAMES = 2000;

/** Frames of a mebibyte of zeros each, which travel in 100 kB. */
function bomb(): Uint8Array<ArrayBuffer> {
  const packed = zstdCompressSync(new Uint8Array(MIB));
  const head = new Uint8Array(FRAME_HEADER_BYTES);
  writeFrameHeader(head, { form: "zstd", wireBytes: packed.length, plainBytes: MIB });
  const frame = Buffer.concat([head, packed]);
  const all = new Uint8Array(FRAMES * frame.length);
  for (let at = 0; at < all.length; at += frame.length) all.set(frame, at);
  return all;
}

/** Reads the bomb, and has something else happen soon after the first piece; resolves with how it ended. */
async function readBomb(
  meanwhile: (stop: { readonly senderGoes: () => void; readonly keyEnds: () => void }) => void,
): Promise<{ readonly pieces: number; readonly end: unknown }> {
  const sender = new AbortController();
  const key = new AbortController();
  const request = new Request("http://localhost/blobs", {
    method: "POST",
    body: bomb(),
    headers: { "content-encoding": FRAMES_ENCODING },
    signal: sender.signal,
  });
  const { signal } = key;
  let pieces = 0;
  try {
    const limits = { limitBytes: null, signal, allowSilence: () => undefined };
    for await (const piece of uploadBody(request, limits)) {
      expect(piece).toHaveLength(MIB);
      pieces += 1;
      if (pieces > 1) continue;
      setImmediate(() =>
        meanwhile({
          senderGoes: () => sender.abort(),
          keyEnds: () => key.abort(new Error("the key has ended")),
        }),
      );
    }
    return { pieces, end: "whole" };
  } catch (error) {
    return { pieces, end: error };
  }
}

describe("uploadBody()", () => {
  test("does not go on with it once its sender has gone", async () => {
    const { pieces, end } = await readBomb(({ senderGoes }) => senderGoes());
    expect(end).toMatchObject({ code: "bad-content" });
    expect(pieces).toBeLessThan(FRAMES);
  });

  test("does not go on with it once its key has ended", async () => {
    const { pieces, end } = await readBomb(({ keyEnds }) => keyEnds());
    expect(String(end)).toContain("the key has ended");
    expect(pieces).toBeLessThan(FRAMES);
  });
});
