// The header of one plain file in a tar archive, in the POSIX ustar form, and nothing else that tar knows.

/** A tar archive is made of blocks of this size. */
export const BLOCK_BYTES = 512;

/** A plain file in an archive. */
export interface ArchivedFile {
  /** Path with `/`, at most 100 characters behind its last possible cut and 155 before it; ASCII. */
  readonly name: string;
  readonly sizeBytes: number;
  /** Epoch milliseconds; kept to the second. */
  readonly mtimeMs: number;
}

/** Why a header was not taken. */
export type HeaderProblem = "damaged" | "not-a-file";

/** The block before a file's content. Readable by its owner only; sizes from 8 GiB on in base 256, as GNU and BSD tar have them. */
export function formatHeader({ name, sizeBytes, mtimeMs }: ArchivedFile): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES);
  const cut = cutOf(name);
  block.write(cut === -1 ? name : name.slice(cut + 1), 0, "latin1");
  block.write("0000600\0", 100, "latin1");
  block.write("0000000\0", 108, "latin1");
  block.write("0000000\0", 116, "latin1");
  writeSize(block, sizeBytes);
  block.write(`${octal(Math.floor(mtimeMs / 1000), 11)}\0`, 136, "latin1");
  block.write("0", 156, "latin1");
  block.write("ustar\u000000", 257, "latin1");
  block.write("0000000\0", 329, "latin1");
  block.write("0000000\0", 337, "latin1");
  if (cut !== -1) block.write(name.slice(0, cut), 345, "latin1");
  block.write(`${octal(checksumOf(block), 6)}\0 `, 148, "latin1");
  return block;
}

/** Reads a header that {@link formatHeader} has made; whatever differs from that in one bit is not taken. */
export function parseHeader(block: Buffer): ArchivedFile | HeaderProblem {
  if (textAt(block, 148, 6) !== octal(checksumOf(block), 6)) return "damaged";
  if (block.toString("latin1", 156, 157) !== "0") return "not-a-file";
  const prefix = textAt(block, 345, 155);
  const rest = textAt(block, 0, 100);
  const file = {
    name: prefix === "" ? rest : `${prefix}/${rest}`,
    sizeBytes: readSize(block),
    mtimeMs: Number.parseInt(textAt(block, 136, 11), 8) * 1000,
  };
  if (!Number.isSafeInteger(file.sizeBytes) || !Number.isSafeInteger(file.mtimeMs))
    return "damaged";
  return isNameable(file.name) && formatHeader(file).equals(block) ? file : "not-a-file";
}

/** Zeros that fill a file's last block. */
export function paddingOf(sizeBytes: number): number {
  return (BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES;
}

function isNameable(name: string): boolean {
  return name.length <= 100 || cutOf(name) > 0;
}

/** Where a long name is parted in two; -1 for a short one. */
function cutOf(name: string): number {
  if (name.length <= 100) return -1;
  const cut = name.indexOf("/", name.length - 101);
  return cut <= 155 ? cut : -1;
}

const OCTAL_LIMIT = 8 ** 11;

function writeSize(block: Buffer, sizeBytes: number): void {
  if (sizeBytes < OCTAL_LIMIT) {
    block.write(`${octal(sizeBytes, 11)}\0`, 124, "latin1");
    return;
  }
  block[124] = 0x80;
  block.writeBigUInt64BE(BigInt(sizeBytes), 128);
}

function readSize(block: Buffer): number {
  if (block[124] === 0x80) return Number(block.readBigUInt64BE(128));
  return Number.parseInt(textAt(block, 124, 11), 8);
}

/** The sum of all bytes, those of the sum itself as spaces. */
function checksumOf(block: Buffer): number {
  let sum = 8 * 0x20;
  for (const [at, byte] of block.entries()) if (at < 148 || at >= 156) sum += byte;
  return sum;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, "0");
}

function textAt(block: Buffer, at: number, length: number): string {
  const text = block.toString("latin1", at, at + length);
  const end = text.indexOf("\0");
  return end === -1 ? text : text.slice(0, end);
}
