// A log as a file to be sent: as long as it is, with the values of secrets hidden in it.
import type { LogMask } from "../logs/read-log.ts";
import type { OutputFile, OutputHandle } from "../outputs/output-file.ts";

/** What is hidden, and whether nothing more comes. */
export interface Hides {
  readonly mask: LogMask;
  readonly isComplete: boolean;
}

/**
 * The file with a mask before it. While its attempt runs, it ends before what may yet turn out to be a value; every byte before
 * that stays as it is shown.
 */
export async function maskedFile(file: OutputFile, hides: Hides): Promise<OutputFile> {
  const { mask, isComplete } = hides;
  if (mask.reachBytes === 0) return file;
  const held = isComplete ? 0 : await heldBack(file.handle, file.sizeBytes, mask);
  return {
    ...file,
    sizeBytes: file.sizeBytes - held,
    // With some of it held back, it is another one than the whole.
    etag: held === 0 ? file.etag : file.etag.replace(/"$/, `-${held.toString(16)}"`),
    handle: {
      // oxlint-disable-next-line eslint/max-params -- as a FileHandle has it
      read: (buffer, offset, length, position) =>
        readHidden(file.handle, hides, {
          into: buffer.subarray(offset, offset + length),
          position,
        }),
      async stat(options) {
        const { size, ctimeNs } = await file.handle.stat(options);
        const more = isComplete ? 0 : await heldBack(file.handle, Number(size), mask);
        return { size: size - BigInt(more), ctimeNs };
      },
    },
  };
}

async function heldBack(handle: OutputHandle, size: number, mask: LogMask): Promise<number> {
  const from = Math.max(0, size - mask.reachBytes);
  return mask.unfinished(await readAll(handle, from, size - from));
}

async function readHidden(
  handle: OutputHandle,
  { mask, isComplete }: Hides,
  { into, position }: { readonly into: Uint8Array; readonly position: number },
): Promise<{ readonly bytesRead: number }> {
  const before = Math.min(position, mask.reachBytes);
  const around = before + into.length + mask.reachBytes;
  const found = await readAll(handle, position - before, around);
  // Not by the size alone: a hash may be asked of more than is shown.
  const held = isComplete ? 0 : mask.unfinished(found);
  const end = Math.max(before, Math.min(before + into.length, found.length - held));
  const shown = mask.hide(found).subarray(before, end);
  into.set(shown);
  return { bytesRead: shown.length };
}

/** Fewer bytes than asked for only at the end of the file. */
async function readAll(handle: OutputHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
