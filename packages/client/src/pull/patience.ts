// Goes on after a lost connection, for all downloads of a pull together.
import { errorCodeEntry, EXIT, FetchmlError } from "@fetchml/protocol";
import { systemPace, type Pace } from "../connection/pace.ts";

/** How a pull behaves when the connection is lost. */
export interface PatienceOptions {
  /** Clock, pauses and chance. Default: the machine's. */
  readonly pace?: Pace;
  /** How long to keep trying after the last byte that came, in milliseconds. Default 10 minutes. */
  readonly giveUpAfterMs?: number;
  /** Told once when the connection is lost and the first try to go on has failed too. */
  readonly onLost?: (error: FetchmlError) => void;
  /** Told when something arrives again after that. */
  readonly onBack?: () => void;
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5000;
const DEFAULT_GIVE_UP_MS = 600_000;

/**
 * Pauses are as long as the connection has been lost already, which doubles them, from 250 ms to 5 s, each shortened by chance
 * to no less than half.
 */
export class Patience {
  readonly #options: PatienceOptions;
  readonly #pace: Pace;
  readonly #signal: AbortSignal;
  #arrivedAt: number;
  #lostAt: number | null = null;
  #isTold = false;

  /** @param signal ends every wait, with the error that it is for */
  constructor(options: PatienceOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
    this.#pace = options.pace ?? systemPace;
    this.#arrivedAt = this.#pace.now();
  }

  /** Says that something has arrived. */
  noteArrival(): void {
    this.#arrivedAt = this.#pace.now();
    this.#lostAt = null;
    if (!this.#isTold) return;
    this.#isTold = false;
    this.#options.onBack?.();
  }

  /** Waits before the next try. @throws the error itself when another try cannot help, or the time is up */
  async wait(error: unknown): Promise<void> {
    const now = this.#pace.now();
    const giveUpAfterMs = this.#options.giveUpAfterMs ?? DEFAULT_GIVE_UP_MS;
    if (this.#signal.aborted || !isConnectionLoss(error)) throw error;
    if (now - this.#arrivedAt >= giveUpAfterMs) throw error;
    if (this.#lostAt !== null && now - this.#lostAt >= FIRST_PAUSE_MS / 2 && !this.#isTold) {
      this.#isTold = true;
      this.#options.onLost?.(error);
    }
    this.#lostAt ??= now;
    const pauseMs = Math.min(Math.max(now - this.#lostAt, FIRST_PAUSE_MS), LONGEST_PAUSE_MS);
    await this.#delay(pauseMs * (0.5 + this.#pace.random() / 2));
    if (this.#signal.aborted) throw error;
  }

  /** Waits a little for something that was met at the wrong moment. */
  pause(): Promise<void> {
    return this.#delay(FIRST_PAUSE_MS);
  }

  async #delay(ms: number): Promise<void> {
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const end = () => resolve();
    this.#signal.addEventListener("abort", end);
    await Promise.race([this.#pace.delay(ms), ended]);
    this.#signal.removeEventListener("abort", end);
  }
}

/** Whether an error says that the connection, not the request, failed: the same may work on the next one. */
export function isConnectionLoss(error: unknown): error is FetchmlError {
  if (!(error instanceof FetchmlError)) return false;
  const entry = errorCodeEntry(error.code);
  return entry.exit === EXIT.unreachable && entry.retryable === true;
}
