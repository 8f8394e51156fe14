// The snapshots that users have sent: blobs by their hash, and manifests that name them.
import { mkdir, readFile, rm } from "node:fs/promises";
import { FetchmlError, type Manifest } from "@fetchml/protocol";
import { Sha256 } from "@fetchml/protocol/schemas";
import { acceptManifest, type AcceptedManifest, type Sender } from "./accept-manifest.ts";
import { checkManifest, type SnapshotLimits } from "./check-manifest.ts";
import { checkout } from "./checkout.ts";
import { sayingDiskFull } from "./disk-error.ts";
import { receiveBlobs } from "./receive-blobs.ts";
import { snapshotFolder } from "./snapshot-folder.ts";

/** Blobs and manifests below one folder. Holds nothing open between calls; any number may run at the same time. */
export interface Snapshots {
  /**
   * Takes a manifest in its canonical form. With nothing missing it is stored and noted durably before this resolves.
   * @throws FetchmlError bad-content, too-large, disk-full
   */
  acceptManifest(text: string, sender: Sender): Promise<AcceptedManifest>;

  /**
   * Stores the blobs of a stream in the form of protocol's `blob-stream.ts`; resolves with their number when they are durable
   * and noted. What came whole before a failure is stored and noted too.
   * @throws FetchmlError bad-content, too-large, disk-full; and whatever the stream throws
   */
  receiveBlobs(stream: AsyncIterable<Uint8Array>, sender: Sender): Promise<number>;

  /** @throws FetchmlError snapshot-missing */
  readManifest(snapshot: string): Promise<Manifest>;

  /**
   * Writes a snapshot's tree into an empty folder, made when missing. When it fails, throw the folder away.
   * @throws FetchmlError snapshot-missing, disk-full
   */
  checkout(snapshot: string, target: string): Promise<void>;
}

/** 50,000 files, 200 MiB in all, 50 MiB in one file: what clients keep to by themselves. */
export const DEFAULT_SNAPSHOT_LIMITS: SnapshotLimits = {
  manifestBytes: 32 * 1024 ** 2,
  entries: 50_000,
  blobBytes: 50 * 1024 ** 2,
  totalBytes: 200 * 1024 ** 2,
};

/**
 * Opens the snapshots below a folder, which is made when missing, 0700. What uploads left behind when the server died is
 * removed: only the owner of the data folder may call it.
 */
export async function openSnapshots(
  root: string,
  limits: SnapshotLimits = DEFAULT_SNAPSHOT_LIMITS,
): Promise<Snapshots> {
  const folder = snapshotFolder(root);
  await rm(folder.tmp, { recursive: true, force: true });
  for (const path of [folder.blobs, folder.manifests, folder.tmp]) {
    await mkdir(path, { recursive: true, mode: 0o700 });
  }

  const readManifest = async (snapshot: string): Promise<Manifest> => {
    if (!Sha256.safeParse(snapshot).success) throw missing(snapshot);
    const text = await readFile(folder.manifest(snapshot), "utf8").catch((cause: unknown) => {
      throw missing(snapshot, cause);
    });
    // It was checked when it came; once more, since what lies on a disk may be damaged or tampered with.
    const hash = new Bun.CryptoHasher("sha256").update(text).digest("hex");
    if (hash !== snapshot) throw missing(snapshot);
    return checkManifest(text, WITHOUT_LIMITS).manifest;
  };

  return {
    acceptManifest: (text, sender) =>
      sayingDiskFull(() => acceptManifest(text, { folder, limits, sender })),
    receiveBlobs: (stream, sender) =>
      sayingDiskFull(() =>
        receiveBlobs(stream, {
          folder,
          maxBlobBytes: limits.blobBytes,
          onStored: (hashes) => sender.noteBlobs(hashes),
        }),
      ),
    readManifest,
    checkout: (snapshot, target) =>
      sayingDiskFull(async () => checkout(await readManifest(snapshot), { folder, target })),
  };
}

// An admin may lower the limits; what was taken before stays good.
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
