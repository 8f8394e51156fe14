// Goes on after a lost connection: connects again with growing pauses, until it works or too much time has gone by.
import { errorCodeEntry, EXIT, FetchmlError } from "@fetchml/protocol";
import type { Client } from "../client.ts";
import type { Link } from "./link.ts";
import { systemPace, type Pace } from "./pace.ts";

/** How whoever follows something behaves when the connection is lost. */
export interface Persistence {
  /** Clock, pauses and chance. Default: the machine's. */
  readonly pace?: Pace;
  /** How long after a loss to keep trying, in milliseconds. Default 10 minutes. */
  readonly giveUpAfterMs?: number;
  /** Told of each failure that is followed by another try, and of the pause before it, in milliseconds. */
  readonly onLost?: (error: FetchmlError, retryInMs: number) => void;
  /** Told when it works again. */
  readonly onBack?: () => void;
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5000;
const DEFAULT_GIVE_UP_MS = 600_000;

/**
 * Connects through a link as often as it takes. Pauses double from 250 ms to 5 s, each shortened by chance to no less than
 * half, and start anew after a connection that lasted longer than the longest pause.
 */
export class Reconnection {
  readonly #link: Link;
  readonly #options: Persistence;
  readonly #pace: Pace;
  #pauseMs = FIRST_PAUSE_MS;
  #connectedAt = 0;

  constructor(link: Link, options: Persistence) {
    this.#link = link;
    this.#options = options;
    this.#pace = options.pace ?? systemPace;
  }

  /** The first connection, which must come about at once. @throws FetchmlError as `connect` does */
  async first(): Promise<Client> {
    const client = await this.#link.client();
    this.#connectedAt = this.#pace.now();
    return client;
  }

  /**
   * The next connection, after `error` ended the work on the one before.
   *
   * @throws the error itself where another connection cannot help; FetchmlError `unreachable` when the time is up
   */
  async again(error: unknown): Promise<Client> {
    if (!isConnectionLoss(error)) throw error;
    const lostAt = this.#pace.now();
    if (lostAt - this.#connectedAt > LONGEST_PAUSE_MS) this.#pauseMs = FIRST_PAUSE_MS;
    const client = await this.#tryUntil(
      lostAt + (this.#options.giveUpAfterMs ?? DEFAULT_GIVE_UP_MS),
      error,
    );
    this.#connectedAt = this.#pace.now();
    this.#options.onBack?.();
    return client;
  }

  async #tryUntil(deadline: number, error: FetchmlError): Promise<Client> {
    const waitMs = this.#pauseMs * (0.5 + this.#pace.random() / 2);
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
    this.#options.onLost?.(error, waitMs);
    await this.#pace.delay(waitMs);
    try {
      return await this.#link.client();
    } catch (cause) {
      if (!isConnectionLoss(cause) || this.#pace.now() >= deadline) throw cause;
      return this.#tryUntil(deadline, cause);
    }
  }
}

/** Whether an error says that the connection, not the request, failed: the same may work on the next one. */
function isConnectionLoss(error: unknown): error is FetchmlError {
  if (!(error instanceof FetchmlError)) return false;
  const entry = errorCodeEntry(error.code);
  return entry.exit === EXIT.unreachable && entry.retryable === true;
}
