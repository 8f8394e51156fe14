// Remembers which blobs and manifests an upload has lately relied on, so that none of them is collected meanwhile.

/**
 * Whoever accepts a manifest says first what it is going to rely on, and only then looks whether that is there; whoever
 * collects looks here, in the same turn in which it takes a thing away. So of the two either one sees the other. What is noted
 * is forgotten when a collection begins that can see the manifest itself, and when the server ends: then an upload asks anew,
 * and is told what is missing.
 */
export class SnapshotsInUse {
  readonly #now: () => number;
  /** When each hash was noted last. */
  readonly #notedAt = new Map<string, number>();

  /** @param now milliseconds of a clock that nobody can set */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Notes that these blobs or manifests, by their hashes, are in use. */
  note(hashes: Iterable<string>): void {
    const now = this.#now();
    for (const hash of hashes) this.#notedAt.set(hash, now);
  }

  /** Whether the blob or manifest was noted and not forgotten. */
  has(hash: string): boolean {
    return this.#notedAt.has(hash);
  }

  /** Forgets what was noted more than an hour ago. Only before a collection: one under way does not see newer manifests. */
  forgetOld(): void {
    const oldest = this.#now() - IN_USE_MS;
    for (const [hash, notedAt] of this.#notedAt) {
      if (notedAt < oldest) this.#notedAt.delete(hash);
    }
  }
}

/** Far longer than from one request of an upload to its next. */
const IN_USE_MS = 3_600_000;
