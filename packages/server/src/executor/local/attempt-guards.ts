// Minds living attempts: ends those that are silent for too long or take too much of the disk.
import { readJob } from "./attempt-records.ts";
import { beginGuarded } from "./cancel-ladder.ts";
import { DiskGuard } from "./disk-guard.ts";
import { readGuards } from "./guards-file.ts";
import { silenceOf, type WatchedLog, watchSilence } from "./silence.ts";

/** How long an attempt is silent, and how long it may be. */
export interface Silence {
  readonly silentMs: number;
  readonly limitMs: number;
}

/** What it is built from. */
export interface AttemptGuardsOptions {
  /** Where `du` and `find` are looked for. */
  readonly path: string;
  /** Sees to it that what is on disk is enforced. */
  readonly enforce: (control: string) => void;
  /** Time between two looks at the logs. Default a second. */
  readonly lookMs?: number;
  /** Time between two measurements of an attempt, at the least. Default ten seconds. */
  readonly measureMs?: number;
}

const LOOK_MS = 1000;

interface Guarded {
  readonly log: WatchedLog | null;
  /** Of one that could not be ended by what is on disk: why it is to end, and when TERM was sent. */
  ending: { readonly how: string; readonly termAt: number } | null;
}

/**
 * The bounds are read from the control folder, so that those of an adopted attempt are the same. While no server runs, the wall time, the
 * size of the log and the limits of the kernel hold, and these two do not: they are made good for by the first look of the next
 * server, which counts all the silence since the last line, and measures all that is there.
 */
export class AttemptGuards {
  readonly #options: AttemptGuardsOptions;
  readonly #guarded = new Map<string, Guarded>();
  readonly #disk: DiskGuard;
  #timer: ReturnType<typeof setInterval> | null = null;

  constructor(options: AttemptGuardsOptions) {
    this.#options = options;
    const onFull = (control: string, how: string) => this.#end(control, how);
    const { path, measureMs } = options;
    this.#disk = new DiskGuard({ path, onFull, ...(measureMs !== undefined && { measureMs }) });
  }

  /** Begins to mind an attempt; one without bounds costs nothing more. */
  add(control: string): void {
    const limits = readGuards(control);
    if (limits === null || this.#guarded.has(control)) return;
    const { noOutputMs, maxDiskBytes } = limits;
    const now = performance.now();
    const log = noOutputMs === null ? null : watchSilence(control, { limitMs: noOutputMs, now });
    this.#guarded.set(control, { log, ending: null });
    if (maxDiskBytes !== null) this.#disk.add(control, maxDiskBytes);
    this.#timer ??= setInterval(() => this.#look(), this.#options.lookMs ?? LOOK_MS).unref();
  }

  remove(control: string): void {
    this.#guarded.delete(control);
    this.#disk.remove(control);
    if (this.#guarded.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }

  /** Of an attempt that has been silent for at least half of the time that it may; else `null`. */
  silence(control: string): Silence | null {
    const log = this.#guarded.get(control)?.log ?? null;
    if (log === null) return null;
    const silentMs = Math.round(silenceOf(control, log, performance.now()));
    return silentMs * 2 < log.limitMs ? null : { silentMs, limitMs: log.limitMs };
  }

  /** Gives up measurements under way. Safe twice. */
  async close(): Promise<void> {
    for (const control of this.#guarded.keys()) this.remove(control);
    await this.#disk.close();
  }

  #look(): void {
    const now = performance.now();
    for (const [control, { log, ending }] of this.#guarded) {
      if (ending !== null) this.#end(control, ending.how);
      else if (log !== null) this.#hear(control, log, now);
    }
    this.#disk.look();
  }

  #hear(control: string, log: WatchedLog, now: number): void {
    // While its files are laid out there is nobody who could write.
    if (readJob(control) === null) log.grewAt = now;
    if (silenceOf(control, log, now) >= log.limitMs) this.#end(control, `no-output ${log.limitMs}`);
  }

  #end(control: string, how: string): void {
    const guarded = this.#guarded.get(control);
    if (guarded === undefined) return;
    const { ending } = guarded;
    const now = performance.now();
    try {
      const isBegun = beginGuarded(control, how, ending === null ? null : now - ending.termAt);
      guarded.ending = null;
      if (isBegun) this.#options.enforce(control);
    } catch {
      // The disk is full; the next look tries again.
      guarded.ending ??= { how, termAt: now };
    }
  }
}
