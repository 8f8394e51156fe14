// Takes the manifest of a snapshot that a user wants to run: says what is missing, or stores it.
import { randomUUID } from "node:crypto";
import { access, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import type { AskedManifest, AskedManifests } from "./asked-manifests.ts";
import type { BegunBlobs } from "./begun-blobs.ts";
import { checkManifest, type SnapshotLimits } from "./check-manifest.ts";
import { makeDurable } from "./durable.ts";
import { mayBePacked, packedBytes } from "./packing.ts";
import { sizesOnDisk } from "./sizes-on-disk.ts";
import type { SnapshotFolder } from "./snapshot-folder.ts";
import type { SnapshotsInUse } from "./snapshots-in-use.ts";
import { bytesOnDisk, filesOnDisk, type Claimed, type UploadRoom } from "./upload-room.ts";
import type { WaitingPacks } from "./waiting-packs.ts";

/**
 * Who has sent what, seen for one user. A blob or snapshot counts as present only for a user who has sent it, so that to
 * name the hash of a stranger's file gives nothing away.
 */
export interface Sender {
  readonly userId: number;
  /** Of these blobs, those that this user has sent or may read through a job. */
  heldBlobs(hashes: readonly string[]): Promise<ReadonlySet<string>>;
  /** Whether this user has sent the snapshot, and it is kept. */
  holdsSnapshot(snapshot: string): Promise<boolean>;
  /** Records that this user has sent these blobs; resolves when that is durable. */
  noteBlobs(hashes: readonly string[]): Promise<void>;
  /** Records that this user has sent the snapshot and all of its blobs; resolves when that is durable. */
  noteSnapshot(snapshot: {
    readonly id: string;
    readonly file_count: number;
    readonly size_bytes: number;
  }): Promise<void>;
}

/** What became of a manifest. */
export interface AcceptedManifest {
  /** Id of the snapshot. */
  readonly snapshot: string;
  /** Hashes of the blobs this user still has to send, each once. Empty: the snapshot is stored, durably, and noted. */
  readonly missing: readonly string[];
  /** Of the missing ones, those that have arrived in part, and how much of each. */
  readonly begun: ReadonlyMap<string, number>;
}

/** What it takes to accept one. */
export interface AcceptContext {
  readonly folder: SnapshotFolder;
  readonly packs: WaitingPacks;
  readonly begunBlobs: BegunBlobs;
  readonly asked: AskedManifests;
  readonly limits: SnapshotLimits;
  readonly sender: Sender;
  readonly inUse: SnapshotsInUse;
  readonly room: UploadRoom;
  /** When this began, by the clock of what is in use. */
  readonly begunAt: number;
}

/**
 * Checks a manifest and stores it when nothing of it is missing.
 * @throws FetchmlError bad-content, too-large, quota-exceeded; disk-full
 */
export async function acceptManifest(text: string, from: AcceptContext): Promise<AcceptedManifest> {
  const { blobs, fileCount, totalBytes } = await checkManifest(text, from.limits);
  // Before anything is looked at, so that none of it is collected from here on.
  return from.inUse.during(blobs, () => {
    const id = new Bun.CryptoHasher("sha256").update(text).digest("hex");
    return acceptChecked(
      { id, text, fileCount, totalBytes, reliesSince: from.begunAt },
      blobs,
      from,
    );
  });
}

/**
 * Stores a manifest that was checked when none of these blobs, sizes in bytes by hash, is missing. Any other blob that it names is
 * known to be there, and stays. Call it while all of them are in use.
 * @throws FetchmlError bad-content for a blob of another size, quota-exceeded; disk-full
 */
export async function acceptChecked(
  manifest: AskedManifest,
  blobs: ReadonlyMap<string, number>,
  from: AcceptContext,
): Promise<AcceptedManifest> {
  const { sender, inUse, begunBlobs, asked, room } = from;
  const { id: snapshot } = manifest;
  const hashes = [...blobs.keys()];
  // What is missing is noted when it comes. Refused now rather than in the middle of the upload.
  inUse.refuseBeyond(sender.userId, hashes.length);
  const held = await sender.heldBlobs(hashes);
  inUse.note(sender.userId, held);
  const sizes = await sizesOf(held, from);
  const missing = hashes.filter((hash) => {
    const size = held.has(hash) ? sizes.get(hash) : undefined;
    if (size !== undefined && size !== blobs.get(hash)) throw wrongSize(hash);
    return size === undefined;
  });
  if (missing.length > 0) {
    const lacking = new Map(missing.map((hash) => [hash, blobs.get(hash) ?? 0]));
    const begun = await begunBlobs.received(sender.userId, lacking);
    const bytes = bytesToCome(lacking, begun) + bytesOnDisk(manifest.text.length);
    const files = filesOnDisk(missing.length) + 1;
    const own = ownOf(begunBlobs.claimed(sender.userId, lacking), { lacking, begun });
    room.refuseUnlessRoomFor({ bytes, files }, "Cannot take the project", own);
    asked.remember(sender.userId, manifest, lacking);
    return { snapshot, missing, begun };
  }
  await storeSnapshot(manifest, from);
  return { snapshot, missing, begun: new Map() };
}

/** Stores a manifest of which nothing is missing for the sender; resolves when that is durable and noted. */
export async function storeSnapshot(
  { id, text, fileCount, totalBytes }: AskedManifest,
  { folder, sender, inUse, room }: Pick<AcceptContext, "folder" | "sender" | "inUse" | "room">,
): Promise<void> {
  // Before it is looked whether it is there, so that it is not collected from here on.
  inUse.note(sender.userId, [id]);
  await storeManifest(text, { snapshot: id, folder, room });
  await sender.noteSnapshot({ id, file_count: fileCount, size_bytes: totalBytes });
}

/** What the store holds of these blobs. One that is noted but not there counts as missing: it is sent once more. */
async function sizesOf(
  hashes: ReadonlySet<string>,
  { folder, packs }: { readonly folder: SnapshotFolder; readonly packs: WaitingPacks },
): Promise<ReadonlyMap<string, number>> {
  await packs.known();
  const sizes = new Map<string, number>();
  for (const hash of hashes) {
    const size = packs.sizeOf(hash);
    if (size !== undefined) sizes.set(hash, size);
  }
  for (const [hash, size] of await sizesOnDisk(hashes.difference(sizes), folder)) {
    sizes.set(hash, size);
  }
  return sizes;
}

/** Small ones count twice where they are many: their packs lie there until each has a file of its own. */
function bytesToCome(
  lacking: ReadonlyMap<string, number>,
  begun: ReadonlyMap<string, number>,
): number {
  let bytes = packedBytes([...lacking.values()].filter(mayBePacked));
  for (const [hash, size] of lacking) bytes += bytesOnDisk(size) - (begun.get(hash) ?? 0);
  return bytes;
}

/** Of what is still to come, what uploads of the same user have claimed: a second try is not in the way of the first. */
function ownOf(
  claims: ReadonlyMap<string, Claimed>,
  {
    lacking,
    begun,
  }: {
    readonly lacking: ReadonlyMap<string, number>;
    readonly begun: ReadonlyMap<string, number>;
  },
): Claimed {
  let bytes = 0;
  let files = 0;
  for (const [hash, claimed] of claims) {
    const toCome = bytesOnDisk(lacking.get(hash) ?? 0) - (begun.get(hash) ?? 0);
    // What has arrived and is not written yet is claimed, and not asked for again.
    bytes += Math.min(claimed.bytes, toCome);
    files += claimed.files;
  }
  return { bytes, files };
}

async function storeManifest(
  text: string,
  {
    snapshot,
    folder,
    room,
  }: {
    readonly snapshot: string;
    readonly folder: SnapshotFolder;
    readonly room: UploadRoom;
  },
): Promise<void> {
  const place = folder.manifest(snapshot);
  if (await isThere(place)) return;
  room.refuseUnlessRoomFor({ bytes: bytesOnDisk(text.length) }, "Cannot take the project");
  const temporary = join(folder.tmp, randomUUID());
  try {
    await writeFile(temporary, text, { flag: "wx", mode: 0o600 });
    await makeDurable(new Set([temporary]), folder.tmp);
    await mkdir(dirname(place), { recursive: true, mode: 0o700 });
    await rename(temporary, place);
    await makeDurable(new Set([dirname(place), folder.manifests]), folder.root);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function wrongSize(hash: string): FetchmlError {
  return new FetchmlError(
    "bad-content",
    `The server refuses the list of the project's files: the file with the hash ${hash.slice(0, 12)} has another size.`,
    { details: { hash } },
  );
}
