// Notices that attempts begin to run and end, whoever started them.
import { join } from "node:path";
import { watchFile } from "../../logs/file-watch.ts";
import type { AttemptGuards, Silence } from "./attempt-guards.ts";
import { readExit, readJob, readSupervisor } from "./attempt-records.ts";
import { isAlive } from "./process-identity.ts";

/** How often each attempt is looked at in case the machine has told nothing. */
const CHECK_MS = 1000;

type Guards = Pick<AttemptGuards, "add" | "remove" | "silence" | "close">;

interface Watched {
  readonly endWatches: readonly (() => void)[];
  hasBegun: boolean;
}

/**
 * Watches the control folders of living attempts. Calls back when one has begun, and, once a second until it is removed, when
 * one has ended or has lost its supervisor. The files `job` and `exit` are watched, not their folder: a busy log in it would
 * wake the server for every line. They should exist; empty ones count as absent. What it watches, the guards mind.
 */
export class AttemptWatch {
  readonly #onChange: (control: string) => void;
  readonly #guards: Guards;
  readonly #watched = new Map<string, Watched>();
  #timer: ReturnType<typeof setInterval> | null = null;

  constructor(onChange: (control: string) => void, guards: Guards) {
    this.#onChange = onChange;
    this.#guards = guards;
  }

  has(control: string): boolean {
    return this.#watched.has(control);
  }

  add(control: string): void {
    if (this.#watched.has(control)) return;
    // Where the machine has no watch left to give, the check once a second has to do.
    const endWatches = ["job", "exit"]
      .map((file) => watchFile(join(control, file), () => this.#lookAt(control)))
      .filter((end) => end !== null);
    this.#watched.set(control, { endWatches, hasBegun: false });
    this.#guards.add(control);
    this.#timer ??= setInterval(() => this.#checkAll(), CHECK_MS).unref();
    // What was written before the watch stood is told of by nobody else.
    if (readJob(control) !== null) queueMicrotask(() => this.#lookAt(control));
  }

  remove(control: string): void {
    for (const end of this.#watched.get(control)?.endWatches ?? []) end();
    this.#watched.delete(control);
    this.#guards.remove(control);
    if (this.#watched.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }

  /** As the guards tell it. */
  silence(control: string): Silence | null {
    return this.#guards.silence(control);
  }

  async close(): Promise<void> {
    for (const control of this.#watched.keys()) this.remove(control);
    await this.#guards.close();
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
