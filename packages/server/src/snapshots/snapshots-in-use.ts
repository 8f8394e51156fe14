// Remembers which blobs and manifests an upload has lately relied on, so that none of them is collected meanwhile.
import { FetchmlError } from "@fetchml/protocol";
import { HashSet } from "./hash-set.ts";

/**
 * So many may be noted for one user, or ten times the files of the largest project, where that is more: one that is submitted
 * all the time is noted anew in each of up to five spans, which leaves as much for others. A million take 32 MiB at most.
 */
export const MOST_NOTED_OF_USER = 1_000_000;

/** What was noted for a user within a span of time. */
interface Span {
  readonly begunAt: number;
  notedAt: number;
  readonly hashes: HashSet;
}

/**
 * Whoever accepts a manifest says first what it is going to rely on, and only then looks whether that is there; whoever
 * collects looks here, in the same turn in which it takes a thing away. So of the two either one sees the other. What is noted
 * is forgotten when a collection begins that can see the manifest itself, and when the server ends: then an upload asks anew,
 * and is told what is missing. Nothing is forgotten earlier to make room; who has no room left is refused.
 */
export class SnapshotsInUse {
  readonly #now: () => number;
  readonly #mostOfUser: number;
  /** By user, the newest span last. */
  readonly #spans = new Map<number, Span[]>();
  readonly #during = new Set<Hashes>();
  /** When the latest of what was forgotten had been noted. */
  #forgottenUpTo = -Infinity;

  /**
   * @param now milliseconds of a clock that nobody can set
   * @param maxFiles of the largest project that is taken
   */
  constructor(now: () => number = () => performance.now(), maxFiles = 0) {
    this.#now = now;
    this.#mostOfUser = Math.max(MOST_NOTED_OF_USER, 10 * maxFiles);
  }

  /** These blobs are in use until the work ends, whether they are there or not. Only what is there may be noted for longer. */
  async during<T>(hashes: Hashes, work: () => Promise<T>): Promise<T> {
    // Of its own, since two may rely on the same object.
    const held = { has: (hash: string) => hashes.has(hash) };
    this.#during.add(held);
    try {
      return await work();
    } finally {
      this.#during.delete(held);
    }
  }

  /**
   * Notes that a user's upload relies on these blobs or manifests, by their hashes, which are there.
   * @throws FetchmlError quota-exceeded
   */
  note(userId: number, hashes: Iterable<string>): void {
    const span = this.#spanNow(userId);
    let room = this.#mostOfUser - this.countOf(userId);
    for (const hash of hashes) {
      if (span.hashes.has(hash)) continue;
      if (room <= 0) throw tooMany(this.#mostOfUser);
      span.hashes.add(hash);
      room -= 1;
    }
  }

  /** Refuses an upload of so many blobs for which no room is left. @throws FetchmlError quota-exceeded */
  refuseBeyond(userId: number, count: number): void {
    if (this.countOf(userId) + count > this.#mostOfUser) throw tooMany(this.#mostOfUser);
  }

  /** How many are noted for a user; one that was noted again later counts once more. */
  countOf(userId: number): number {
    return (this.#spans.get(userId) ?? []).reduce((sum, { hashes }) => sum + hashes.size, 0);
  }

  /** Milliseconds of its clock. */
  now(): number {
    return this.#now();
  }

  /** Whether anything was forgotten that had been noted at that time of its clock or later. */
  hasForgotten(since: number): boolean {
    return this.#forgottenUpTo >= since;
  }

  /** Whether the blob or manifest was noted and not forgotten, or work relies on it now. */
  has(hash: string): boolean {
    for (const hashes of this.#during) if (hashes.has(hash)) return true;
    for (const spans of this.#spans.values()) {
      if (spans.some(({ hashes }) => hashes.has(hash))) return true;
    }
    return false;
  }

  /**
   * Forgets what was noted more than an hour ago, some of it half an hour later. Only before a collection looks at manifests: one
   * under way does not see newer ones.
   *
   * @param graceMs less than an hour where room is short. Then nothing is forgotten while anybody works who may rely on what was
   *   noted before
   */
  forgetOld(graceMs: number = IN_USE_MS): void {
    if (graceMs < IN_USE_MS && this.#during.size > 0) return;
    const oldest = this.#now() - graceMs;
    for (const [userId, spans] of this.#spans) {
      const kept = spans.filter(({ notedAt }) => notedAt >= oldest);
      for (const { notedAt } of spans) {
        if (notedAt < oldest) this.#forgottenUpTo = Math.max(this.#forgottenUpTo, notedAt);
      }
      if (kept.length > 0) this.#spans.set(userId, kept);
      else this.#spans.delete(userId);
    }
  }

  #spanNow(userId: number): Span {
    const now = this.#now();
    const spans = this.#spans.get(userId) ?? [];
    this.#spans.set(userId, spans);
    let span = spans.at(-1);
    if (span === undefined || now - span.begunAt >= SPAN_MS) {
      span = { begunAt: now, notedAt: now, hashes: new HashSet() };
      spans.push(span);
    }
    span.notedAt = now;
    return span;
  }
}

interface Hashes {
  has(hash: string): boolean;
}

/** Far longer than from one request of an upload to its next. */
const IN_USE_MS = 3_600_000;

/** Noted together and forgotten together, so that a set without times is enough. */
const SPAN_MS = 1_800_000;

function tooMany(most: number): FetchmlError {
  return new FetchmlError(
    "quota-exceeded",
    `Cannot take the project: you have sent ${most} files or nearly as many within the last hours, which is the limit.\nWait two hours and submit again.`,
  );
}
