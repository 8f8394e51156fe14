// The snapshots that users have sent: blobs by their hash, and manifests that name them.
import { mkdir, readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { CHANGE_START, FetchmlError, STORED_TREE, type Manifest } from "@fetchml/protocol";
import { Sha256 } from "@fetchml/protocol/schemas";
import { acceptChange } from "./accept-change.ts";
import {
  acceptManifest,
  storeSnapshot,
  type AcceptedManifest,
  type Sender,
} from "./accept-manifest.ts";
import { AskedManifests } from "./asked-manifests.ts";
import { BegunBlobs, type BlobPiece } from "./begun-blobs.ts";
import { checkManifest, type SnapshotLimits } from "./check-manifest.ts";
import { checkout, countPaths } from "./checkout.ts";
import { sayingDiskFull } from "./disk-error.ts";
import { findNamed } from "./find-named.ts";
import { namedSizes } from "./named-sizes.ts";
import { receiveBlobs, tooLargeBlob } from "./receive-blobs.ts";
import { makesReflinks } from "./reflinks.ts";
import { areOnSameDisk } from "./same-disk.ts";
import { sendBlobs } from "./send-blobs.ts";
import { sendManifest } from "./send-manifest.ts";
import type { Pieces } from "./send-pieces.ts";
import { snapshotFolder } from "./snapshot-folder.ts";
import { SnapshotsInUse } from "./snapshots-in-use.ts";
import { bytesOnDisk, ENDLESS_DISK, UploadRoom, type UploadDisk } from "./upload-room.ts";
import { QUIET_MS, WaitingPacks } from "./waiting-packs.ts";

/** Blobs and manifests below one folder. Any number of calls may run at the same time. */
export interface Snapshots {
  /** What it takes at most. */
  readonly limits: SnapshotLimits;

  /** Whether what is laid out takes bytes of the disk; not where the file system shares those of copies. */
  readonly takesBytes: boolean;

  /** What uploads rely on, which must not be collected. */
  readonly inUse: SnapshotsInUse;

  /**
   * Takes a manifest in its canonical form, or a change of one that this user has sent. With nothing missing it is stored and noted
   * durably before this resolves.
   * @throws FetchmlError snapshot-missing for the base of a change; bad-content, too-large, quota-exceeded, disk-full
   */
  acceptManifest(text: string, sender: Sender): Promise<AcceptedManifest>;

  /**
   * Stores the blobs of a stream in the form of protocol's `blob-stream.ts`; resolves with their number when they are durable
   * and noted. What came whole before a failure is stored and noted too.
   * @throws FetchmlError bad-content, too-large, quota-exceeded, disk-full; and whatever the stream throws
   */
  receiveBlobs(stream: AsyncIterable<Uint8Array>, sender: Sender): Promise<number>;

  /**
   * Takes one blob, or the rest of one whose beginning has arrived before; resolves when it is durable and noted, with what is
   * still to be done after the answer. What has arrived when the stream is cut is kept for this user for a day.
   * @throws FetchmlError conflict, bad-content, too-large, quota-exceeded, disk-full; and whatever the stream throws
   */
  receiveBlob(
    stream: AsyncIterable<Uint8Array>,
    piece: Omit<BlobPiece, "userId">,
    sender: Sender,
  ): Promise<() => Promise<void>>;

  /**
   * Stores a snapshot whose manifest was shown lately, when all that was missing then has come. False when something is missing
   * still, or the manifest has to be shown again.
   * @throws FetchmlError disk-full
   */
  completeSnapshot(snapshot: string, sender: Sender): Promise<boolean>;

  /** Of these blobs, those that one of the snapshots names. */
  findNamed(
    hashes: ReadonlySet<string>,
    snapshots: readonly string[],
  ): Promise<ReadonlySet<string>>;

  /** @throws FetchmlError snapshot-missing */
  readManifest(snapshot: string): Promise<Manifest>;

  /**
   * The canonical text of a manifest as UTF-8, not looked into; of `null` the empty one.
   * @throws FetchmlError snapshot-missing
   */
  sendManifest(snapshot: string | null): Promise<Pieces>;

  /**
   * Files of a snapshot in the form of protocol's `blob-stream.ts`, in the order of the hashes. `null` has no files.
   * @throws FetchmlError invalid-params for a hash that the manifest does not name; snapshot-missing
   */
  sendBlobs(snapshot: string | null, hashes: readonly string[]): Promise<Pieces>;

  /**
   * Writes a snapshot's tree into an empty folder, made when missing. When it fails, throw the folder away. Nothing is written
   * when the disk has no room for it beside what is kept free.
   * @throws FetchmlError snapshot-missing, disk-full
   */
  checkout(snapshot: string, target: string): Promise<void>;

  /** Resolves when each blob that is stored now lies in a file of its own. */
  settled(): Promise<void>;

  /** Ends what is done in the background. Complete on return, safe twice. */
  close(): Promise<void>;
}

/** 50,000 files, 200 MiB in all, 50 MiB in one file: what clients keep to unless a project says otherwise. */
export const DEFAULT_SNAPSHOT_LIMITS: SnapshotLimits = {
  manifestBytes: 32 * 1024 ** 2,
  entries: 50_000,
  blobBytes: 50 * 1024 ** 2,
  totalBytes: 200 * 1024 ** 2,
};

/** What is told by whoever takes uploads, and what tests have of their own. */
export interface SnapshotsOptions {
  /** The disk on which they lie, and what is to be kept free of it. Default: nothing is. */
  readonly room?: UploadDisk;
  readonly inUse?: SnapshotsInUse;
  /** How long no small blobs have come before they get files of their own; milliseconds. */
  readonly quietMs?: number;
}

/**
 * Opens the snapshots below a folder, which is made when missing, 0700. What uploads left behind when the server died is
 * removed, but for large blobs that can still be gone on with: only the owner of the data folder may call it.
 */
export async function openSnapshots(
  root: string,
  limits: SnapshotLimits = DEFAULT_SNAPSHOT_LIMITS,
  {
    inUse = new SnapshotsInUse(undefined, limits.entries),
    quietMs = QUIET_MS,
    room: disk = ENDLESS_DISK,
  }: SnapshotsOptions = {},
): Promise<Snapshots> {
  const folder = snapshotFolder(root);
  await rm(folder.tmp, { recursive: true, force: true });
  for (const path of [folder.blobs, folder.manifests, folder.tmp, folder.packs, folder.begun]) {
    await mkdir(path, { recursive: true, mode: 0o700 });
  }
  const takesBytes = !(await makesReflinks(folder.tmp));
  const packs = new WaitingPacks(folder, quietMs);
  const maxBytesOfUser = limits.totalBytes;
  const room = new UploadRoom(disk, () => packs.owed);
  const begunBlobs = new BegunBlobs({ folder, maxBytesOfUser, room, now: Date.now });
  await begunBlobs.removeStale();

  const readManifest = async (snapshot: string): Promise<Manifest> => {
    if (!Sha256.safeParse(snapshot).success) throw missing(snapshot);
    const text = await readFile(folder.manifest(snapshot), "utf8").catch((cause: unknown) => {
      throw missing(snapshot, cause);
    });
    // It was checked when it came; once more, since what lies on a disk may be damaged or tampered with.
    const hash = new Bun.CryptoHasher("sha256").update(text).digest("hex");
    if (hash !== snapshot) throw missing(snapshot);
    return (await checkManifest(text, WITHOUT_LIMITS, STORED_TREE)).manifest;
  };
  const pathIn = async (snapshot: string, hash: string): Promise<string> => {
    const { entries } = await readManifest(snapshot);
    return entries.find((entry) => entry.kind === "file" && entry.hash === hash)?.path ?? hash;
  };
  const asked = new AskedManifests(() => performance.now(), inUse);
  const noteStored = async (blobs: ReadonlyMap<string, number>, sender: Sender): Promise<void> => {
    inUse.note(sender.userId, blobs.keys());
    await sender.noteBlobs([...blobs.keys()]);
    asked.arrived(sender.userId, blobs);
  };

  return {
    limits,
    takesBytes,
    inUse,
    acceptManifest: (text, sender) =>
      sayingDiskFull(() =>
        (text.startsWith(CHANGE_START) ? acceptChange : acceptManifest)(text, {
          folder,
          packs,
          begunBlobs,
          asked,
          limits,
          sender,
          inUse,
          room,
          begunAt: inUse.now(),
        }),
      ),
    receiveBlobs: (stream, sender) =>
      sayingDiskFull(() =>
        receiveBlobs(stream, {
          folder,
          packs,
          room,
          maxBlobBytes: limits.blobBytes,
          maxBlobs: limits.entries,
          maxTotalBytes: limits.totalBytes,
          now: () => performance.now(),
          onStored: (blobs) => noteStored(blobs, sender),
        }),
      ),
    receiveBlob: (stream, piece, sender) =>
      sayingDiskFull(async () => {
        if (piece.sizeBytes > limits.blobBytes) throw tooLargeBlob(piece, limits.blobBytes);
        const { userId } = sender;
        const afterwards = await begunBlobs.receive(stream, { ...piece, userId });
        await noteStored(new Map([[piece.hash, piece.sizeBytes]]), sender);
        return afterwards;
      }),
    completeSnapshot: (snapshot, sender) =>
      sayingDiskFull(() =>
        // What the manifest relies on is noted. That is not forgotten before it is stored.
        inUse.during(NOTHING, async () => {
          const manifest = asked.takeWhole(sender.userId, snapshot);
          if (manifest !== null) await storeSnapshot(manifest, { folder, sender, inUse, room });
          return manifest !== null;
        }),
      ),
    findNamed: (hashes, snapshots) => findNamed(hashes, { snapshots, folder }),
    readManifest,
    sendManifest: (snapshot) => sendManifest(snapshot, folder),
    sendBlobs: async (snapshot, hashes) => {
      const sizes = snapshot === null ? NO_FILES : await namedSizes(snapshot, hashes, folder);
      await packs.settledFor(hashes);
      return sendBlobs(hashes, {
        sizes,
        folder,
        pathOf: async (hash) => (snapshot === null ? hash : pathIn(snapshot, hash)),
      });
    },
    checkout: (snapshot, target) =>
      sayingDiskFull(async () => {
        const manifest = await readManifest(snapshot);
        const claim = room.claim();
        try {
          let left = { bytes: takesBytes ? copiedBytes(manifest) : 0, files: countPaths(manifest) };
          // Of another disk nothing is known here.
          if (areOnSameDisk(folder.root, dirname(target))) {
            claim.take(left, "Cannot lay out the project");
          }
          await packs.settledFor(hashesIn(manifest));
          const onWritten = (sizeBytes: number): void => {
            const bytes = takesBytes ? left.bytes - bytesOnDisk(sizeBytes) : 0;
            left = { bytes, files: left.files - 1 };
            if (claim.claimed.files > 0) claim.set(left);
          };
          await checkout(manifest, { folder, target, onWritten });
        } finally {
          claim.close();
        }
      }, "Cannot lay out the project"),
    settled: () => packs.settled(),
    close: () => {
      asked.close();
      return packs.close();
    },
  };
}

function hashesIn({ entries }: Manifest): readonly string[] {
  return entries.flatMap((entry) => (entry.kind === "file" ? entry.hash : []));
}

/** Most that copies of all files take: who names a blob twice gets it twice. */
function copiedBytes({ entries }: Manifest): number {
  return entries.reduce(
    (sum, entry) => sum + (entry.kind === "file" ? bytesOnDisk(entry.size_bytes) : 0),
    0,
  );
}

const NOTHING: ReadonlySet<string> = new Set();

const NO_FILES: ReadonlyMap<string, number> = new Map();

// An admin may lower the limits, and newer rules for paths are stricter; what was taken before stays good.
const WITHOUT_LIMITS: SnapshotLimits = {
  manifestBytes: Infinity,
  entries: Infinity,
  blobBytes: Infinity,
  totalBytes: Infinity,
};

function missing(snapshot: string, cause?: unknown): FetchmlError {
  return new FetchmlError(
    "snapshot-missing",
    `The server does not have the snapshot ${snapshot.slice(0, 12)}. Submit the project again.`,
    { cause },
  );
}
