// Notices that attempts begin to run and end, whoever started them.
import { join } from "node:path";
import { watchFile } from "../../logs/file-watch.ts";
import type { AttemptGuards, Silence } from "./attempt-guards.ts";
import { readExit, readJob, readSupervisor } from "./attempt-records.ts";
import type { PeakWatch } from "./peak-memory.ts";
import { isAlive } from "./process-identity.ts";

/** How often each attempt is looked at in case the machine has told nothing. */
const CHECK_MS = 1000;
/** When one that was just started is first looked at: what is over by then is told of once, by its end. Then at twice the time, and so on. */
const FIRST_LOOK_MS = 10;

/** What minds the attempts that are watched. */
interface Minders {
  readonly guards: Pick<AttemptGuards, "add" | "remove" | "silence" | "close">;
  readonly peaks: Pick<PeakWatch, "add" | "end" | "close">;
}

interface Watched {
  /** Ends the watch of its `exit`. */
  readonly unwatch: (() => void) | null;
  nextLook: ReturnType<typeof setTimeout> | null;
  hasBegun: boolean;
}

/**
 * Watches the control folders of living attempts. Calls back when one has begun, a few milliseconds later, and, once a second until
 * it is removed, when one has ended or has lost its supervisor. The file `exit` is watched, not its folder: a busy log in it would
 * wake the server for every line. What it watches is minded, too.
 */
export class AttemptWatch {
  readonly #onChange: (control: string) => void;
  readonly #guards: Minders["guards"];
  readonly #peaks: Minders["peaks"];
  readonly #watched = new Map<string, Watched>();
  #timer: ReturnType<typeof setInterval> | null = null;

  constructor(onChange: (control: string) => void, { guards, peaks }: Minders) {
    this.#onChange = onChange;
    this.#guards = guards;
    this.#peaks = peaks;
  }

  has(control: string): boolean {
    return this.#watched.has(control);
  }

  /**
   * Watches an attempt whose supervisor another process has started. Its `exit` should exist; where the machine has no watch left to
   * give, the check once a second has to do.
   */
  add(control: string): void {
    if (this.#watched.has(control)) return;
    const unwatch = watchFile(join(control, "exit"), () => this.#lookAt(control));
    this.#mind(control, unwatch);
  }

  /** Watches an attempt whose supervisor is a child of this process, which so is told of its end by the kernel. */
  addChild(control: string): void {
    if (!this.#watched.has(control)) this.#mind(control, null);
  }

  /** Watches an attempt no longer that has ended, and keeps what was seen of it; also of one that was not watched. */
  end(control: string): void {
    this.#peaks.end(control);
    this.#remove(control);
  }

  /** As the guards tell it. */
  silence(control: string): Silence | null {
    return this.#guards.silence(control);
  }

  async close(): Promise<void> {
    for (const control of this.#watched.keys()) this.#remove(control);
    this.#peaks.close();
    await this.#guards.close();
  }

  #remove(control: string): void {
    const { unwatch, nextLook } = this.#watched.get(control) ?? {};
    unwatch?.();
    if (nextLook) clearTimeout(nextLook);
    this.#watched.delete(control);
    this.#guards.remove(control);
    if (this.#watched.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }

  #mind(control: string, unwatch: (() => void) | null): void {
    const watched: Watched = { unwatch, nextLook: null, hasBegun: false };
    this.#watched.set(control, watched);
    this.#guards.add(control);
    this.#peaks.add(control);
    this.#timer ??= setInterval(() => this.#checkAll(), CHECK_MS).unref();
    // What was written before the watch stood is told of by nobody else.
    this.#lookIn(watched, { control, delayMs: unwatch === null ? FIRST_LOOK_MS : 0 });
  }

  /** Looks after a while whether the job has begun, and then again: no file is watched for that, which would cost more. */
  #lookIn(
    watched: Watched,
    { control, delayMs }: { readonly control: string; readonly delayMs: number },
  ): void {
    watched.nextLook = setTimeout(() => {
      watched.nextLook = null;
      this.#lookAt(control);
      const nextMs = Math.max(FIRST_LOOK_MS, delayMs * 2);
      if (watched.hasBegun || nextMs >= CHECK_MS) return;
      if (this.#watched.get(control) === watched)
        this.#lookIn(watched, { control, delayMs: nextMs });
    }, delayMs).unref();
  }

  #lookAt(control: string): void {
    const watched = this.#watched.get(control);
    if (watched === undefined) return;
    const begins = !watched.hasBegun && readJob(control) !== null;
    if (begins) watched.hasBegun = true;
    if (begins || readExit(control) !== null) this.#onChange(control);
  }

  #checkAll(): void {
    for (const control of this.#watched.keys()) {
      const supervisor = readSupervisor(control);
      if (supervisor === null || !isAlive(supervisor)) this.#onChange(control);
      else this.#lookAt(control);
    }
  }
}
