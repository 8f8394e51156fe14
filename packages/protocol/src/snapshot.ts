// A snapshot's manifest: the list of files a project had when its job was queued.
import * as z from "zod/mini";

/** Lower-case hex SHA-256. */
export const Sha256 = z.string().check(z.regex(/^[0-9a-f]{64}$/));

const path = z.string().check(z.minLength(1), z.maxLength(4096));

/** One entry; paths are relative to the project's root with `/` between parts. */
export const ManifestEntry = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("file"),
    path,
    size_bytes: z.int().check(z.gte(0)),
    hash: Sha256,
    executable: z.boolean(),
  }),
  z.object({ kind: z.literal("symlink"), path, target: path }),
]);

export type ManifestEntry = z.infer<typeof ManifestEntry>;

/** Entries are sorted by the UTF-8 bytes of their path; no path stands twice. */
export const Manifest = z.object({ version: z.literal(1), entries: z.array(ManifestEntry) });

export type Manifest = z.infer<typeof Manifest>;

/**
 * A manifest told by what differs from one that the same user has sent before. Paths in each list stand in the order of a manifest,
 * and none stands in both.
 */
export const ManifestChange = z.object({
  version: z.literal(1),
  /** Id of the snapshot from which this one differs. */
  base: Sha256,
  /** Id of this one: SHA-256 of its whole manifest. */
  snapshot: Sha256,
  /** Entries of the base that are gone. */
  removed: z.array(path),
  /** Entries that the base has not, and those that take the place of the base's of the same path. */
  entries: z.array(ManifestEntry),
});

export type ManifestChange = z.infer<typeof ManifestChange>;

/** What `POST /snapshots` answers, to a manifest or a change: the snapshot's id, and the hashes of blobs that this user still has to send. */
export const SnapshotAnswer = z.object({
  snapshot: Sha256,
  missing: z.array(Sha256),
  /** Of the missing ones, those that have arrived in part: `PUT /blobs/HASH` goes on at that byte. Left out when there are none. */
  begun: z.optional(z.array(z.object({ hash: Sha256, received_bytes: z.int().check(z.gte(1)) }))),
});

export type SnapshotAnswer = z.infer<typeof SnapshotAnswer>;

/** What `POST /blobs` and `PUT /blobs/HASH` answer. */
export const BlobsAnswer = z.object({
  /** How many blobs arrived whole and are stored. */
  stored: z.int(),
  /** Whether the snapshot that the request named is stored now, so that its manifest need not be shown again. */
  complete: z.boolean(),
});

export type BlobsAnswer = z.infer<typeof BlobsAnswer>;

/** What `POST /jobs/JOB/blobs` takes: hashes of files that the job's manifest names. A hash that stands twice counts once. */
export const BlobsRequest = z.object({ hashes: z.array(Sha256) });

export type BlobsRequest = z.infer<typeof BlobsRequest>;
