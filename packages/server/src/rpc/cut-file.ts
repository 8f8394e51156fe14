// A log as a file to be sent, where its middle was cut out: its head, a word in the place of what is gone, its tail.
import { cutMark, cutOf, type LogCut } from "../logs/log-cut.ts";
import type { OutputFile, OutputHandle } from "../outputs/output-file.ts";

/**
 * The file of the log at a path, as short as it is on disk: what was cut out is told of, not sent. Another cut makes another
 * file of it, with another tag. What goes while it is sent is told of in its place, with line feeds up to where the log goes on.
 */
export async function cutFile(file: OutputFile, logPath: string): Promise<OutputFile> {
  const cut = await cutOf(logPath);
  if (cut === null || cut.from > file.sizeBytes) {
    return { ...file, handle: { ...statOf(file), read: readingOf(file, logPath, 0) } };
  }
  const joint = { cut, mark: cutMark(cut, cut.from) };
  return {
    ...file,
    sizeBytes: shownSize(file.sizeBytes, joint),
    etag: file.etag.replace(/"$/, `-cut-${cut.to.toString(16)}"`),
    handle: {
      read: readJoined(readingOf(file, logPath, cut.to), joint),
      async stat(options) {
        const { size, ctimeNs } = await file.handle.stat(options);
        return { size: BigInt(shownSize(Number(size), joint)), ctimeNs };
      },
    },
  };
}

type Read = OutputHandle["read"];

/** A cut, and what is said in its place. */
interface Joint {
  readonly cut: LogCut;
  readonly mark: Uint8Array;
}

const statOf = ({ handle }: OutputFile): Pick<OutputHandle, "stat"> => ({
  stat: (options) => handle.stat(options),
});

function shownSize(size: number, { cut, mark }: Joint): number {
  return cut.from + mark.length + Math.max(0, size - cut.to);
}

/** Reads by places in what is shown; a piece ends with the head, and with the mark. */
function readJoined(read: Read, { cut, mark }: Joint): Read {
  // oxlint-disable-next-line eslint/max-params -- as a FileHandle has it
  return async (buffer, offset, length, position) => {
    if (position < cut.from) {
      return read(buffer, offset, Math.min(length, cut.from - position), position);
    }
    const said = position - cut.from;
    if (said >= mark.length) return read(buffer, offset, length, said - mark.length + cut.to);
    const words = mark.subarray(said, said + length);
    buffer.set(words, offset);
    return { bytesRead: words.length };
  };
}

/** Reads by places in the log, and looks afterwards whether what was read was still there. Before `since` nobody asks for what is gone. */
function readingOf({ handle }: OutputFile, logPath: string, since: number): Read {
  // oxlint-disable-next-line eslint/max-params -- as a FileHandle has it
  return async (buffer, offset, length, position) => {
    const { bytesRead } = await handle.read(buffer, offset, length, position);
    const cut = await cutOf(logPath);
    if (cut !== null) {
      const gone = { from: Math.max(cut.from, since), to: cut.to };
      tellGone(buffer.subarray(offset, offset + bytesRead), position, gone);
    }
    return { bytesRead };
  };
}

function tellGone(bytes: Uint8Array, position: number, gone: LogCut): void {
  const from = Math.max(0, gone.from - position);
  const to = Math.min(bytes.length, gone.to - position);
  if (from >= to) return;
  bytes.fill(LINE_FEED, from, to);
  const said = Math.max(0, position - gone.from);
  bytes.set(cutMark(gone, gone.from).subarray(said, said + to - from), from);
}

const LINE_FEED = 0x0a;
