// Brings one file into a part, whole and verified, over as many connections as it takes.
import { FetchmlError } from "@fetchml/protocol";
import type { Endpoint } from "../client.ts";
import type { PartialFile, WholePart } from "./partial-file.ts";
import type { LeftPart, PartsFolder } from "./parts-folder.ts";
import { isConnectionLoss, type Patience } from "./patience.ts";
import { isGone, isStrongTag, requestFile, requestHash, type RemoteFile } from "./remote-file.ts";

/** How a file came. */
export type Fetched =
  | {
      readonly kind: "whole";
      /** Closed. */
      readonly part: WholePart;
      /** Whether the job has written more to it since. */
      readonly isGrowing: boolean;
    }
  /** It changed each time while it was read. */
  | { readonly kind: "unsteady" }
  /** The job has taken it away. */
  | { readonly kind: "gone" };

/** What a download works with. */
export interface Fetching {
  readonly endpoint: Endpoint;
  readonly parts: PartsFolder;
  readonly patience: Patience;
  readonly signal: AbortSignal;
}

/** A file that is wanted. */
export interface WantedFile {
  readonly address: string;
  /** Whether it is worth looking for what an earlier pull has left of it: a small file comes quicker anew. */
  readonly isSmall: boolean;
  /** Told often how much of it is here, and how much there is; goes back where a part was of no use. */
  readonly onPlace: (doneBytes: number, sizeBytes: number) => void;
}

/**
 * Fetches a file, going on where an earlier try was cut off. What is there at the end has the hash that the server computes of
 * the same bytes after it has sent them: of a file that grows, a beginning that stood still. Of a file that no job writes to any
 * more, and that has not changed since, it may be the hash of what was sent.
 *
 * @throws FetchmlError as the server and the connection do; the system's error when it cannot be written here
 */
export async function fetchFile(fetching: Fetching, wanted: WantedFile): Promise<Fetched> {
  const { address } = wanted;
  const { patience, parts } = fetching;
  let misfits = 0;
  let losses = 0;
  for (let farthest = 0; ;) {
    try {
      const fetched = await fetchOnce(fetching, wanted);
      if (fetched !== null) return fetched;
      parts.forget(address);
      misfits += 1;
      if (misfits === MOST_MISFITS) return { kind: "unsteady" };
      await patience.pause();
    } catch (error) {
      if (isGone(error)) {
        parts.forget(address);
        return { kind: "gone" };
      }
      if (!isConnectionLoss(error)) throw error;
      const reached = parts.find(address)?.sizeBytes ?? 0;
      losses = reached > farthest ? 0 : losses + 1;
      farthest = Math.max(reached, farthest);
      // Something on the way lets a little through each time, and never more.
      if (losses === MOST_LOSSES) throw error;
      await patience.wait(error);
    }
  }
}

const MOST_MISFITS = 4;

/** At up to 5 s each, longer than patience lasts when nothing at all arrives. */
const MOST_LOSSES = 500;

/** `null` when what came is no version of the file. */
async function fetchOnce(fetching: Fetching, file: WantedFile): Promise<Fetched | null> {
  const { endpoint, patience, signal } = fetching;
  const { address } = file;
  const left = file.isSmall ? null : fetching.parts.find(address);
  // One byte is asked for again: a request for none would be an error where all of it is here.
  const start = left === null ? 0 : left.sizeBytes - 1;
  const wanted = left === null || start === 0 ? null : { start, etag: left.etag };
  const remote = await requestFile(endpoint, address, { part: wanted, signal });
  patience.noteArrival();
  const part = await receive(fetching, file, { remote, left });
  if (part === null) return null;
  const { sizeBytes } = remote;
  const sha256 = part.digest();
  try {
    const now =
      remote.sha256 !== null && remote.start === 0
        ? { sha256: remote.sha256, size_bytes: sizeBytes }
        : await requestHash(endpoint, address, { sizeBytes, signal });
    if (now.sha256 === sha256) return whole(part, remote, { ...now, sha256 });
  } catch (error) {
    part.giveUp();
    throw error;
  }
  // Not even its start is what was sent, or it has become shorter: it is written anew, and perhaps just now.
  part.giveUp();
  return null;
}

function whole(
  { path }: PartialFile,
  { sizeBytes, etag, modifiedAt }: RemoteFile,
  now: { readonly sha256: string; readonly size_bytes: number },
): Fetched {
  const { sha256, size_bytes: sizeNow } = now;
  const surelyAt = isStrongTag(etag) ? modifiedAt : null;
  const part = { path, sizeBytes, sha256, modifiedAt: surelyAt };
  return { kind: "whole", part, isGrowing: sizeNow > sizeBytes };
}

/** Writes what comes into a part and closes it. `null`: the part that was to be gone on with is not there any more. */
async function receive(
  { parts, patience }: Fetching,
  { address, isSmall, onPlace }: WantedFile,
  { remote, left }: { readonly remote: RemoteFile; readonly left: LeftPart | null },
): Promise<PartialFile | null> {
  const { pieces, sizeBytes, start, etag } = remote;
  let part: PartialFile | null = null;
  try {
    part =
      start > 0 && left !== null
        ? await parts.resume(left, address, start)
        : parts.begin(address, isStrongTag(etag) && !isSmall ? etag : null);
    if (part === null) return null;
    onPlace(part.sizeBytes, sizeBytes);
    for await (const piece of pieces) {
      part.append(piece);
      patience.noteArrival();
      onPlace(part.sizeBytes, sizeBytes);
    }
    if (part.sizeBytes !== sizeBytes) throw cutOff();
    part.close();
    return part;
  } catch (error) {
    part?.giveUp();
    throw error;
  } finally {
    await drop(pieces);
  }
}

/** Ends a body that was not read to its end. One of which nothing was read has to be begun for that. */
async function drop(pieces: RemoteFile["pieces"]): Promise<void> {
  await pieces.next().catch(() => undefined);
  await pieces.return();
}

function cutOff(): FetchmlError {
  return new FetchmlError(
    "unreachable",
    "Cannot pull: the connection was cut in the middle of a file.",
  );
}
