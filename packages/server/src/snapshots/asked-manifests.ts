// Manifests that were shown and of which something was missing, so that they need not be shown again when that has come.
import type { SnapshotsInUse } from "./snapshots-in-use.ts";

/** A manifest that was checked, and is not stored yet. */
export interface AskedManifest {
  /** Id of the snapshot. */
  readonly id: string;
  readonly text: string;
  readonly fileCount: number;
  readonly totalBytes: number;
  /** Since when it relies on what is noted as in use, by that clock. */
  readonly reliesSince: number;
}

/** For so long one is remembered; milliseconds. */
const REMEMBERED_MS = 1_800_000;

/** Most characters of all that are remembered; then the oldest goes. */
const MOST_CHARACTERS = 64 * 1024 ** 2;

/** The same of one user: room for the longest one, and one user alone cannot make the server forget all others. */
const MOST_CHARACTERS_OF_USER = 32 * 1024 ** 2;

/** So many of one user are remembered, since each is looked at when a blob of that user comes; then the oldest goes. */
const MOST_OF_USER = 64;

interface Asked {
  readonly userId: number;
  readonly manifest: AskedManifest;
  /** Of the blobs that have not come yet: the size that the manifest gives each, by hash. */
  readonly missing: Map<string, number>;
  readonly shownAt: number;
}

/**
 * What was there when a manifest was shown stays there as long as it is noted as in use; so when all that was missing has come, and
 * nothing of that was forgotten meanwhile, the snapshot is whole. Nothing is lost when one is forgotten: its sender shows it again.
 */
export class AskedManifests {
  readonly #now: () => number;
  readonly #inUse: Pick<SnapshotsInUse, "hasForgotten">;
  /** The oldest first. */
  readonly #asked = new Map<string, Asked>();
  #characters = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;

  /** @param now milliseconds of a clock that nobody can set */
  constructor(now: () => number, inUse: Pick<SnapshotsInUse, "hasForgotten">) {
    this.#now = now;
    this.#inUse = inUse;
  }

  /**
   * Remembers a manifest that a user has shown, and what is missing of it for that user: sizes in bytes as the manifest has
   * them, by hash.
   */
  remember(userId: number, manifest: AskedManifest, missing: ReadonlyMap<string, number>): void {
    this.#forget(keyOf(userId, manifest.id));
    const asked = { userId, manifest, missing: new Map(missing), shownAt: this.#now() };
    this.#asked.set(keyOf(userId, manifest.id), asked);
    this.#characters += manifest.text.length;
    this.#forgetMostOf(userId);
    for (const key of this.#asked.keys()) {
      if (this.#characters <= MOST_CHARACTERS) break;
      this.#forget(key);
    }
    this.#arm();
  }

  /**
   * Notes that these blobs of a user have come and are durable: their sizes in bytes, by hash. One of another size than a
   * manifest says stays missing there for ever, so that no limit is got round by a lie; whoever shows that manifest again is
   * told.
   */
  arrived(userId: number, blobs: ReadonlyMap<string, number>): void {
    for (const { missing } of this.#of(userId).values()) {
      for (const [hash, size] of blobs) if (missing.get(hash) === size) missing.delete(hash);
    }
  }

  /** Hands out a manifest of which nothing is missing any more, once; `null` when something is, or it is not remembered. */
  takeWhole(userId: number, id: string): AskedManifest | null {
    const asked = this.#asked.get(keyOf(userId, id));
    if (asked === undefined || asked.missing.size > 0) return null;
    this.#forget(keyOf(userId, id));
    return this.#isOld(asked) ? null : asked.manifest;
  }

  /** Forgets all. Safe twice. */
  close(): void {
    this.#asked.clear();
    this.#characters = 0;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #of(userId: number): ReadonlyMap<string, Asked> {
    return new Map([...this.#asked].filter(([, asked]) => asked.userId === userId));
  }

  #forgetMostOf(userId: number): void {
    const own = this.#of(userId);
    let count = own.size;
    let characters = 0;
    for (const { manifest } of own.values()) characters += manifest.text.length;
    for (const [key, { manifest }] of own) {
      if (count <= MOST_OF_USER && characters <= MOST_CHARACTERS_OF_USER) break;
      this.#forget(key);
      count -= 1;
      characters -= manifest.text.length;
    }
  }

  #isOld({ manifest, shownAt }: Asked): boolean {
    if (this.#inUse.hasForgotten(manifest.reliesSince)) return true;
    return this.#now() - shownAt >= REMEMBERED_MS;
  }

  #forget(key: string): void {
    this.#characters -= this.#asked.get(key)?.manifest.text.length ?? 0;
    this.#asked.delete(key);
  }

  #arm(): void {
    if (this.#timer !== null || this.#asked.size === 0) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      for (const [key, asked] of this.#asked) if (this.#isOld(asked)) this.#forget(key);
      this.#arm();
    }, REMEMBERED_MS);
    this.#timer.unref();
  }
}

function keyOf(userId: number, id: string): string {
  return `${userId}/${id}`;
}
