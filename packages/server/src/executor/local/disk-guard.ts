// Measures what attempts take on the disk, again and again, and tells of those that take too much.
import { measureAttempt, type DiskUse } from "./disk-use.ts";

/** What it is built from. */
export interface DiskGuardOptions {
  /** Where `du` and `find` are looked for. */
  readonly path: string;
  /** Called with why an attempt is to end, as its control folder says it. */
  readonly onFull: (control: string, how: string) => void;
  /** Time between two measurements of an attempt, at the least. Default ten seconds. */
  readonly measureMs?: number;
  /** How long others wait for a measurement. Default two seconds. */
  readonly patienceMs?: number;
  /** How long a measurement may take; what takes longer is not known. Default ten minutes. */
  readonly limitMs?: number;
}

const MEASURE_MS = 10_000;
const PATIENCE_MS = 2000;
const LIMIT_MS = 600_000;

/** A measurement may take a tenth of the time, no more. */
const REST = 10;

/** What a killed `du` is waited for: it may hang in a disk that does not answer. */
const END_MS = 1000;

interface Bounded {
  readonly maxBytes: number;
  measureAt: number;
  /** While it is measured. */
  measuring: AbortController | null;
}

/**
 * One after the other, so that a box full of jobs is not kept busy with measuring; but one that takes long is not waited for: the tree of
 * one job is no hiding place for those of others.
 */
export class DiskGuard {
  readonly #options: DiskGuardOptions;
  readonly #bounded = new Map<string, Bounded>();
  readonly #underWay = new Set<Promise<void>>();
  #isBusy = false;

  constructor(options: DiskGuardOptions) {
    this.#options = options;
  }

  /** Begins to measure an attempt, with the next look. */
  add(control: string, maxBytes: number): void {
    this.#bounded.set(control, { maxBytes, measureAt: 0, measuring: null });
  }

  remove(control: string): void {
    this.#bounded.get(control)?.measuring?.abort();
    this.#bounded.delete(control);
  }

  /** Measures those for which it is time, unless that is under way. */
  look(): void {
    if (this.#isBusy) return;
    this.#isBusy = true;
    void this.#measureAll().finally(() => {
      this.#isBusy = false;
    });
  }

  /** Gives up measurements under way. Safe twice. */
  async close(): Promise<void> {
    for (const control of this.#bounded.keys()) this.remove(control);
    await atMost(END_MS, Promise.all(this.#underWay));
  }

  async #measureAll(): Promise<void> {
    for (const [control, bounded] of this.#bounded) {
      if (bounded.measuring !== null || performance.now() < bounded.measureAt) continue;
      const measured = this.#measure(control, bounded);
      this.#underWay.add(measured);
      void measured.finally(() => this.#underWay.delete(measured));
      await atMost(this.#options.patienceMs ?? PATIENCE_MS, measured);
    }
  }

  /** Never rejects. */
  async #measure(control: string, bounded: Bounded): Promise<void> {
    const began = performance.now();
    const measuring = new AbortController();
    bounded.measuring = measuring;
    const timer = setTimeout(() => measuring.abort(), this.#options.limitMs ?? LIMIT_MS);
    const use = await this.#useOf(control, measuring.signal);
    clearTimeout(timer);
    bounded.measuring = null;
    const rest = (performance.now() - began) * REST;
    bounded.measureAt = performance.now() + Math.max(this.#options.measureMs ?? MEASURE_MS, rest);
    if (use === null || use.usedBytes <= bounded.maxBytes) return;
    if (this.#bounded.get(control) !== bounded) return;
    this.#options.onFull(control, `disk-full ${use.usedBytes} ${bounded.maxBytes} ${use.most}`);
  }

  /** A box that can start no `du` just now is no reason to end anything. */
  async #useOf(control: string, signal: AbortSignal): Promise<DiskUse | null> {
    try {
      return await measureAttempt(control, { path: this.#options.path, signal });
    } catch {
      return null;
    }
  }
}

/** Resolves with the work, or when the time is over. */
async function atMost(patienceMs: number, work: Promise<unknown>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, patienceMs);
  await Promise.race([work, late]);
  clearTimeout(timer);
}
