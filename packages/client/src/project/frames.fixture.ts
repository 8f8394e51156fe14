// Takes uploads out of their frames, in one go, for tests.
import { zstdDecompressSync } from "node:zlib";
import { FRAME_HEADER_BYTES, readFrameHeader } from "@fetchml/protocol";

/** What the whole frames at the beginning of these bytes hold. @throws Error for what is no frame */
export function unframedBytes(wire: Uint8Array): Uint8Array {
  const contents: Uint8Array[] = [];
  for (let at = 0; at + FRAME_HEADER_BYTES <= wire.length;) {
    const header = readFrameHeader(wire.subarray(at));
    if (header === null) throw new Error(`no frame at byte ${at}`);
    const { form, wireBytes, plainBytes } = header;
    const bytes = wire.subarray(at + FRAME_HEADER_BYTES, at + FRAME_HEADER_BYTES + wireBytes);
    if (bytes.length < wireBytes) break;
    const plain = form === "plain" ? bytes : zstdDecompressSync(bytes);
    if (plain.length !== plainBytes) throw new Error(`a frame lies about its length at ${at}`);
    contents.push(plain);
    at += FRAME_HEADER_BYTES + wireBytes;
  }
  return Buffer.concat(contents);
}
