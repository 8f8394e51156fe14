// Sees to it that what nobody needs is removed: at the start, every hour, and oftener while room is short.
import type { DiskRoom } from "../domain/disk-room.ts";
import type { Collector } from "../retention/collector.ts";
import type { Log } from "../telemetry/log.ts";

/** What it works with. */
export interface UpkeepOptions {
  readonly collector: Pick<Collector, "run">;
  readonly room: Pick<DiskRoom, "isShort">;
  /** Makes room inside the database's own files, for when the disk is full. */
  readonly keepSpareRoom: () => Promise<void>;
  readonly log: Log;
  /** Time between two looks at the disk; default a minute. */
  readonly lookMs?: number;
}

const LOOK_MS = 60_000;

/** Looks from one collection to the next, and while room is short. */
const LOOKS = 60;
const LOOKS_WHEN_SHORT = 5;

/** Runs collections by the clock, one at a time. Each look counts, so that a clock that is set changes nothing. */
export class Upkeep {
  readonly #options: UpkeepOptions;
  #timer: ReturnType<typeof setInterval> | null = null;
  #running: Promise<void> | null = null;
  #looks = 0;
  #wasShort = false;

  constructor(options: UpkeepOptions) {
    this.#options = options;
  }

  /** Begins with a collection at once. Returns before that has ended. */
  start(): void {
    this.#collect();
    this.#timer = setInterval(() => this.#look(), this.#options.lookMs ?? LOOK_MS);
  }

  /** Begins no more, and waits for what is under way: close the collector first. Safe twice. */
  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    await this.#running;
  }

  #look(): void {
    this.#looks += 1;
    const isShort = this.#isShort();
    if (isShort !== this.#wasShort) this.#tell(isShort);
    if (this.#looks >= (isShort ? LOOKS_WHEN_SHORT : LOOKS)) this.#collect();
  }

  /** A disk that cannot be looked at, as when it was taken away, must not end the server. */
  #isShort(): boolean {
    try {
      return this.#options.room.isShort();
    } catch (error) {
      this.#options.log.error("disk-not-seen", { error });
      return true;
    }
  }

  #tell(isShort: boolean): void {
    const { log } = this.#options;
    this.#wasShort = isShort;
    if (isShort)
      log.warn("disk-short", { next: "no job is taken and none starts until there is room" });
    else log.info("disk-has-room");
  }

  #collect(): void {
    if (this.#running !== null) return;
    this.#looks = 0;
    this.#running = this.#run().finally(() => {
      this.#running = null;
    });
  }

  async #run(): Promise<void> {
    const { collector, room, keepSpareRoom, log } = this.#options;
    try {
      await collector.run({ dryRun: false });
      if (!room.isShort()) await keepSpareRoom();
    } catch (error) {
      log.info("upkeep-broken-off", { error });
    }
  }
}
