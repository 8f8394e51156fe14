// Counts what one collection removes, or would remove.
import type { Collected, GcReport } from "@fetchml/protocol";
import { COLLECTED } from "@fetchml/protocol/schemas";

/** The running report of one collection. */
export class Tally {
  readonly #dryRun: boolean;
  readonly #startedAt: number;
  readonly #counts = new Map<Collected, number>();
  readonly #bytes = new Map<Collected, number>();
  readonly #kept = new Map<Collected, { count: number; bytes: number }>();
  #youngerThanMs = 0;
  #notTaken: readonly string[] = [];
  readonly #problems: string[] = [];
  #endedAt: number | null = null;

  constructor(dryRun: boolean, startedAt: number) {
    this.#dryRun = dryRun;
    this.#startedAt = startedAt;
  }

  /** Counts so many things of a kind. */
  count(kind: Collected, count: number): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + count);
  }

  /** Counts bytes that the disk gets back. */
  weigh(kind: Collected, bytes: number): void {
    this.#bytes.set(kind, (this.#bytes.get(kind) ?? 0) + bytes);
  }

  /** Counts what was sent, is not needed, and stays as long as it is younger than {@link keepYounger} says. */
  keep(
    kind: Collected,
    { count, bytes }: { readonly count: number; readonly bytes: number },
  ): void {
    const kept = this.#kept.get(kind) ?? { count: 0, bytes: 0 };
    this.#kept.set(kind, { count: kept.count + count, bytes: kept.bytes + bytes });
  }

  /** Notes how long what was sent is kept; milliseconds. */
  keepYounger(thanMs: number): void {
    this.#youngerThanMs = thanMs;
  }

  /** Notes keys of the config file that are not in force. */
  noteNotTaken(keys: readonly string[]): void {
    this.#notTaken = keys;
  }

  /** Bytes counted so far, of all kinds. */
  get bytes(): number {
    return this.#bytes.values().reduce((sum, bytes) => sum + bytes, 0);
  }

  /** Notes in words what could not be done. */
  complain(problem: string): void {
    if (this.#problems.length < MOST_PROBLEMS) this.#problems.push(problem);
  }

  end(at: number): void {
    this.#endedAt = at;
  }

  report(): GcReport {
    const removed = COLLECTED.map((kind) => ({
      kind,
      count: this.#counts.get(kind) ?? 0,
      bytes: this.#bytes.get(kind) ?? 0,
    }));
    const kept = COLLECTED.flatMap((kind) => {
      const { count, bytes } = this.#kept.get(kind) ?? { count: 0, bytes: 0 };
      return count > 0 ? { kind, count, bytes } : [];
    });
    return {
      dry_run: this.#dryRun,
      started_at: this.#startedAt,
      ended_at: this.#endedAt,
      removed: removed.filter(({ count, bytes }) => count > 0 || bytes > 0),
      ...(kept.length > 0 && {
        kept_for_now: { younger_than_ms: this.#youngerThanMs, what: kept },
      }),
      ...(this.#notTaken.length > 0 && { settings_not_taken: [...this.#notTaken] }),
      problems: [...this.#problems],
    };
  }
}

/** A disk with one fault has thousands of files with it. */
const MOST_PROBLEMS = 20;
