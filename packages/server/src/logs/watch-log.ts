// Tells whoever follows a log that it has grown.
import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import { watchFile } from "./file-watch.ts";

/** How often a log is looked at in case the machine has told nothing. */
const CHECK_MS = 1000;

/** The watched logs of this process, by path: all followers of a log share one watch. */
const watches = new Map<string, LogWatch>();

/**
 * Calls back after the log has grown: soon, once for many writes, and now and then for nothing. The log may be missing as yet, and
 * so may its folder. What is in the log when this returns is not told of: watch first, then read.
 *
 * @returns what ends the watch; safe twice. The watch keeps no process alive.
 */
export function watchLog(path: string, onGrowth: () => void): () => void {
  let shared = watches.get(path);
  if (shared === undefined) {
    shared = new LogWatch(path);
    watches.set(path, shared);
  }
  return shared.add(onGrowth);
}

/** How many logs are watched just now; for the server's own figures and for tests of leaks. */
export function watchedLogs(): number {
  return watches.size;
}

/**
 * Watches one log by inotify. While it is missing, the nearest folder above it that exists is watched instead, so that waiting
 * for a job in the queue costs nothing. A check once a second makes good for news that did not come.
 */
class LogWatch {
  readonly #path: string;
  readonly #followers = new Set<{ readonly onGrowth: () => void }>();
  readonly #timer: ReturnType<typeof setInterval>;
  #endWatch: (() => void) | null = null;
  /** What the watch is on: the log, or a folder above it. */
  #watched = "";
  #size = 0;
  #isTelling = false;

  constructor(path: string) {
    this.#path = path;
    this.#timer = setInterval(() => void this.#check(), CHECK_MS);
    this.#timer.unref();
    this.#attach();
  }

  add(onGrowth: () => void): () => void {
    const follower = { onGrowth };
    this.#followers.add(follower);
    return () => {
      if (this.#followers.delete(follower) && this.#followers.size === 0) this.#close();
    };
  }

  #close(): void {
    clearInterval(this.#timer);
    this.#endWatch?.();
    this.#endWatch = null;
    watches.delete(this.#path);
  }

  /** Watches the log or what is nearest to it, until nothing nearer has come up meanwhile. */
  #attach(): void {
    for (;;) {
      const nearest = nearestExisting(this.#path);
      if (this.#endWatch !== null && nearest === this.#watched) return;
      this.#endWatch?.();
      this.#endWatch = watchFile(nearest, () => this.#onEvent());
      this.#watched = nearest;
      // With no watch to be had, the check has to do.
      if (this.#endWatch === null) return;
    }
  }

  #onEvent(): void {
    if (this.#watched !== this.#path) this.#attach();
    if (this.#watched === this.#path) this.#tell();
  }

  /** Many writes make one call. */
  #tell(): void {
    if (this.#isTelling) return;
    this.#isTelling = true;
    setImmediate(() => {
      this.#isTelling = false;
      for (const follower of this.#followers) follower.onGrowth();
    });
  }

  async #check(): Promise<void> {
    const found = await stat(this.#path).catch(() => null);
    if (this.#followers.size === 0) return;
    this.#attach();
    const size = found?.size ?? 0;
    if (size !== this.#size) this.#tell();
    this.#size = size;
  }
}

function nearestExisting(path: string): string {
  let nearest = path;
  while (!existsSync(nearest) && nearest !== dirname(nearest)) nearest = dirname(nearest);
  return nearest;
}
