// Takes a manifest that is told by what differs from one that the same user has sent before.
import { readFile } from "node:fs/promises";
import { FetchmlError, type ManifestEntry } from "@fetchml/protocol";
import { acceptChecked, type AcceptedManifest, type AcceptContext } from "./accept-manifest.ts";
import { badChange, changeText, parseChange, type ChangedText } from "./change-text.ts";
import { checkManifest, type SnapshotLimits } from "./check-manifest.ts";
import { inTurns } from "./in-turns.ts";
import type { SnapshotFolder } from "./snapshot-folder.ts";
import { weighText } from "./weigh-text.ts";

/**
 * Applies a change to its base, checks the result as any manifest is checked, and stores it when nothing of it is missing. Only
 * blobs of entries that the change brings are looked for: as long as the base is kept, so are those that it names.
 *
 * @throws FetchmlError snapshot-missing when this user does not have the base, whoever else may, or it cannot be read: then the whole
 *   manifest is to be sent; bad-content, too-large, quota-exceeded; disk-full
 */
export async function acceptChange(text: string, from: AcceptContext): Promise<AcceptedManifest> {
  const change = parseChange(text);
  const { inUse, sender, folder, limits } = from;
  const blobs = blobsOf(change.entries);
  const mayNotGo = { has: (hash: string) => hash === change.base || blobs.has(hash) };
  // Before anything is looked at, so that none of it is collected from here on.
  return inUse.during(mayNotGo, async () => {
    if (!(await sender.holdsSnapshot(change.base))) throw baseMissing();
    // Until the result is stored, its blobs are kept through the base alone.
    inUse.note(sender.userId, [change.base]);
    const base = await readBase(change.base, folder);
    const changed = base === null ? null : await inTurns(changeText(base, change));
    if (changed === null) throw baseMissing();
    const id = new Bun.CryptoHasher("sha256").update(changed.text).digest("hex");
    if (id !== change.snapshot) throw badChange("it does not make the snapshot that it names");
    const weight = await checkChanged(changed, { entries: change.entries, limits });
    const manifest = { id, text: changed.text, ...weight, reliesSince: from.begunAt };
    return acceptChecked(manifest, blobs, from);
  });
}

interface Weight {
  readonly fileCount: number;
  readonly totalBytes: number;
}

/**
 * The base was checked when it came, and names alone decide whether a tree is one that may be written: where no name has come or
 * gone, its size is all that can be wrong. What seems to be too large is looked at as a whole, to say what it is.
 */
async function checkChanged(
  { text, isInPlace }: ChangedText,
  {
    entries,
    limits,
  }: { readonly entries: readonly ManifestEntry[]; readonly limits: SnapshotLimits },
): Promise<Weight> {
  if (isInPlace && haveOneSizeEach(entries) && text.length <= limits.manifestBytes) {
    const weight = await inTurns(weighText(text));
    const { fileCount, totalBytes } = weight;
    const isWithin =
      weight.entries <= limits.entries &&
      weight.largestBytes <= limits.blobBytes &&
      totalBytes <= limits.totalBytes;
    if (isWithin) return { fileCount, totalBytes };
  }
  const { fileCount, totalBytes } = await checkManifest(text, limits);
  return { fileCount, totalBytes };
}

/** With which sizes hashes of the base go, shows when the blobs are looked for. */
function haveOneSizeEach(entries: readonly ManifestEntry[]): boolean {
  const sizes = blobsOf(entries);
  return entries.every(
    (entry) => entry.kind === "symlink" || sizes.get(entry.hash) === entry.size_bytes,
  );
}

function blobsOf(entries: readonly ManifestEntry[]): ReadonlyMap<string, number> {
  return new Map(
    entries.flatMap((entry) => (entry.kind === "file" ? [[entry.hash, entry.size_bytes]] : [])),
  );
}

/** What lies on a disk may be damaged or tampered with. */
async function readBase(id: string, folder: SnapshotFolder): Promise<string | null> {
  const text = await readFile(folder.manifest(id), "utf8").catch(() => null);
  if (text === null) return null;
  return new Bun.CryptoHasher("sha256").update(text).digest("hex") === id ? text : null;
}

/** The same for what is not there, what is a stranger's, and what cannot be read. */
function baseMissing(): FetchmlError {
  return new FetchmlError(
    "snapshot-missing",
    "The server does not have the list of files from which yours differs. Send the whole list.",
  );
}
