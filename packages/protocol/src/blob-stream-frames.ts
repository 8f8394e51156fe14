// How an upload is wrapped so that each part of it is compressed only where that helps: frames, back to back.

/**
 * Name of this wrapping in `Content-Encoding`. A server that takes it names it in `Accept-Encoding` of its answer to
 * `POST /snapshots`, as RFC 7694 has it.
 */
export const FRAMES_ENCODING = "fetchml-frames";

/** Most bytes of a frame, both as they travel and as they are: what a receiver has to hold of one. */
export const MAX_FRAME_BYTES = 1024 ** 2;

/** Length of a frame's header: one byte for its form, then both lengths, four bytes each, unsigned and big-endian. */
export const FRAME_HEADER_BYTES = 9;

/** What stands before each frame. No frame is empty. */
export interface FrameHeader {
  /** `plain`: the bytes themselves. `zstd`: one frame of Zstandard (RFC 8878) that is shorter than what it stands for. */
  readonly form: "plain" | "zstd";
  /** How many bytes follow. */
  readonly wireBytes: number;
  /** How many bytes they stand for. */
  readonly plainBytes: number;
}

/** Writes a header into the first {@link FRAME_HEADER_BYTES} of `into`. */
export function writeFrameHeader(into: Uint8Array, header: FrameHeader): void {
  into[0] = FORMS.indexOf(header.form);
  const view = new DataView(into.buffer, into.byteOffset, FRAME_HEADER_BYTES);
  view.setUint32(1, header.wireBytes);
  view.setUint32(5, header.plainBytes);
}

/** Reads a header from the first {@link FRAME_HEADER_BYTES} bytes; `null` for one that no sender writes. */
export function readFrameHeader(bytes: Uint8Array): FrameHeader | null {
  const form = FORMS[bytes[0] ?? FORMS.length];
  const view = new DataView(bytes.buffer, bytes.byteOffset, FRAME_HEADER_BYTES);
  const wireBytes = view.getUint32(1);
  const plainBytes = view.getUint32(5);
  if (form === undefined || wireBytes === 0 || plainBytes > MAX_FRAME_BYTES) return null;
  const fits = form === "plain" ? wireBytes === plainBytes : wireBytes < plainBytes;
  return fits ? { form, wireBytes, plainBytes } : null;
}

const FORMS: readonly FrameHeader["form"][] = ["plain", "zstd"];
