// Reads a file once: its hash, and whether it holds an API key or another secret.
import { constants, lstatSync, promises } from "node:fs";
import { createApiKeyScanner, findApiKeyId } from "@fetchml/protocol";
import { systemPace, type Pace } from "../connection/pace.ts";
import { isSameStamp, stampOf, type FileStamp } from "./file-stamp.ts";
import { isRecent } from "./recent-change.ts";
import { createSecretScanner, secretInContent } from "./secret-content.ts";

/** What a file's content is. */
export type HashedFile =
  | {
      readonly kind: "hashed";
      /** Lower-case hex SHA-256. */
      readonly hash: string;
      /** What the file system said both before and after the reading. */
      readonly stamp: FileStamp;
      /** Why its content is taken for a secret, as the end of a sentence; `null` for nearly all. */
      readonly secret: string | null;
      /** The content itself; `null` for more than a megabyte. */
      readonly bytes: Uint8Array | null;
    }
  /** It is gone, or no longer a file. */
  | { readonly kind: "gone" }
  | UnfitFile;

/** A file that cannot be sent. */
export type UnfitFile =
  | { readonly kind: "holds-key"; readonly keyId: string }
  /** It changed during each of several readings. */
  | { readonly kind: "unsteady" }
  | { readonly kind: "unreadable"; readonly code: string };

/** How a file is read. */
export interface Reading {
  /** What the file system said of it just now. */
  readonly seen?: FileStamp;
  /** How long to wait before each further reading of a file that changes; milliseconds. Default: more and more, five seconds in all. */
  readonly pausesMs?: readonly number[];
  readonly delay?: Pace["delay"];
  /** Epoch milliseconds. Default: the machine's clock. */
  readonly now?: () => number;
}

/**
 * Hashes a file and looks for secrets in it. A file that changes meanwhile is read again after each pause. One that has changed a moment
 * ago is read twice: its times are set when a write begins, and stay the same while that goes on. One that only grows need not
 * keep still for that.
 */
export async function hashFile(
  path: string,
  {
    seen,
    pausesMs = PATIENT_MS,
    delay = (ms) => systemPace.delay(ms),
    now = Date.now,
  }: Reading = {},
): Promise<HashedFile> {
  try {
    for (let tries = 0; tries <= pausesMs.length; tries++) {
      if (tries > 0) await delay(pausesMs[tries - 1] ?? 0);
      const before = (tries === 0 ? seen : undefined) ?? lookAt(path);
      if (before === null) return { kind: "gone" };
      const mayBeWritten = isRecent(before, now());
      const bornMs = mayBeWritten ? birthMs(path) : null;
      const read = await readOnce(path, before);
      const after = lookAt(path);
      if (after === null || !isSameStamp(before, after) || read.sizeBytes !== after.sizeBytes)
        continue;
      if (mayBeWritten) await delay(APART_MS);
      const change = mayBeWritten ? await changeSince(path, after, { ...read, bornMs }) : "none";
      if (change === "rewriting" || (change === "growth" && tries < TRIES_OF_GROWING)) continue;
      if (read.keyId !== undefined) return { kind: "holds-key", keyId: read.keyId };
      return {
        kind: "hashed",
        hash: read.hash,
        stamp: after,
        secret: read.secret,
        bytes: read.bytes,
      };
    }
    return { kind: "unsteady" };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    return GONE.has(code) ? { kind: "gone" } : { kind: "unreadable", code };
  }
}

/** For a file that is saved or copied just now. */
const PATIENT_MS: readonly number[] = [20, 60, 180, 540, 1400, 2800];

/** Between the two readings of a file that may be written to: a write goes on meanwhile, and one that comes each few milliseconds does not. */
const APART_MS = 1;

/** After so many tries a file that only grows need not keep still; before, it may be one that is saved or copied, which ends. */
const TRIES_OF_GROWING = 1;

interface Content {
  readonly hash: string;
  readonly sizeBytes: number;
  readonly keyId: string | undefined;
  readonly secret: string | null;
  readonly bytes: Uint8Array | null;
}

/** No such name, a link in the file's place, and a file in the place of a folder above. */
const GONE = new Set(["ENOENT", "ELOOP", "ENOTDIR"]);

/** Up to here one call reads the whole file; above, memory would grow with the file. */
const SMALL_BYTES = 1 << 20;

/** What was a file a moment ago may be a link or a pipe by now: neither followed nor waited for. Windows has no such flags. */
export const READ_FLAGS =
  constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

// Looked at by name and not by descriptor, so that a file put in its place is noticed too.
function lookAt(path: string): FileStamp | null {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat?.isFile() === true ? stampOf(stat) : null;
}

/** Of a file that grows, and of one in whose place another was put, what was read is right for one moment. */
async function changeSince(
  path: string,
  before: FileStamp,
  read: Content & { readonly bornMs: number | null },
): Promise<"none" | "growth" | "rewriting"> {
  const now = lookAt(path);
  if (now !== null && isSameStamp(before, now)) {
    const { hash } = await readOnce(path, before);
    return hash === read.hash ? "none" : "rewriting";
  }
  if (now === null) return "growth";
  // A number of an inode is soon given to the next file.
  const isOther = now.inode !== before.inode || birthMs(path) !== read.bornMs;
  return isOther || now.sizeBytes > before.sizeBytes ? "growth" : "rewriting";
}

function birthMs(path: string): number | null {
  return lstatSync(path, { throwIfNoEntry: false })?.birthtimeMs ?? null;
}

function readOnce(path: string, { sizeBytes }: FileStamp): Promise<Content> {
  return sizeBytes <= SMALL_BYTES ? readWhole(path) : readInPieces(path, sizeBytes);
}

async function readWhole(path: string): Promise<Content> {
  const bytes = await promises.readFile(path, { flag: READ_FLAGS });
  const hash = new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
  const secret = secretInContent(path, bytes);
  return { hash, sizeBytes: bytes.length, keyId: findApiKeyId(bytes), secret, bytes };
}

async function readInPieces(path: string, expectedBytes: number): Promise<Content> {
  const hasher = new Bun.CryptoHasher("sha256");
  const scan = createApiKeyScanner();
  const scanForSecret = createSecretScanner(path);
  let sizeBytes = 0;
  let keyId: string | undefined;
  let secret: string | null = null;
  const handle = await promises.open(path, READ_FLAGS);
  try {
    // While one piece is hashed the next is read.
    let [buffer, other] = [new Uint8Array(SMALL_BYTES), new Uint8Array(SMALL_BYTES)];
    let reading = handle.read(buffer, 0, SMALL_BYTES, null);
    for (;;) {
      const { bytesRead } = await reading;
      if (bytesRead === 0) break;
      const piece = buffer.subarray(0, bytesRead);
      [buffer, other] = [other, buffer];
      sizeBytes += bytesRead;
      // No further than it was long: a log that grows as fast as it is read would have no end.
      const isBeyond = sizeBytes > expectedBytes;
      if (!isBeyond) reading = handle.read(buffer, 0, SMALL_BYTES, null);
      hasher.update(piece);
      keyId = scan(piece);
      secret = scanForSecret(piece);
      if (isBeyond) break;
    }
  } finally {
    await handle.close();
  }
  return { hash: hasher.digest("hex"), sizeBytes, keyId, secret, bytes: null };
}
