// Masks the values of secrets in a stream that comes in pieces.
import type { Mask } from "../../secrets/mask-bytes.ts";

/** Hides values across the borders of pieces. Holds back no more than the longest value, and only what may be the beginning of one. */
export class MaskedStream {
  readonly #mask: Mask;
  /** Bytes as they came: those already given that a value may still overlap, then those held back. */
  #recent: Buffer = Buffer.alloc(0);
  #heldBytes = 0;

  constructor(mask: Mask) {
    this.#mask = mask;
  }

  /** What may be shown now that these bytes have come. @param isLast whether none will follow */
  push(bytes: Buffer, isLast: boolean): Buffer {
    const all = Buffer.concat([this.#recent, bytes]);
    const from = this.#recent.length - this.#heldBytes;
    const held = isLast ? 0 : Math.min(this.#mask.unfinished(all), all.length - from);
    const to = all.length - held;
    const shown = this.#mask.hide(all).subarray(from, to);
    this.#recent = Buffer.from(all.subarray(Math.max(0, to - this.#mask.reachBytes)));
    this.#heldBytes = held;
    return shown;
  }
}
