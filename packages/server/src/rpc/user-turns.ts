// Bounds how much of one kind of work is done for one user at once, and how much waits for its turn.
import { FetchmlError } from "@fetchml/protocol";

/** How many turns there are for each user, and what those who have one are held to. */
export interface TurnRules {
  /**
   * Requests of one user that are at work at once, at least 1. Default 4: an upload holds up to a whole manifest in memory, and `ml`
   * itself sends one after the other; several only where it was started several times.
   */
  readonly most: number;
  /** Requests of one user that wait for a turn; further ones are refused. Default 256, as of a sweep: each is an open connection. */
  readonly mostWaiting: number;
  /**
   * Seconds for which one at work may send nothing while others wait. Default 20, of which Bun makes 16 to 20: a laptop that is there
   * sends all the time or not at all, and one that went away with its lid closed would keep its turn for two minutes.
   */
  readonly awaitedSilenceS: number;
  /** How a further one is refused. Default: that of uploads. */
  readonly words: TurnWords;
}

/** How somebody is told that too many wait. */
export interface TurnWords {
  /** What cannot be done, as the beginning of a sentence. */
  readonly refused: string;
  /** What is at work and waits, in the plural. */
  readonly many: string;
  /** What to do instead, as the beginning of a sentence. */
  readonly instead: string;
}

/** What holds where nothing else is said. */
export const TURN_RULES: TurnRules = {
  most: 4,
  mostWaiting: 256,
  awaitedSilenceS: 20,
  words: {
    refused: "Cannot take one more upload",
    many: "uploads",
    instead: "Submit one job after the other",
  },
};

/** A turn, for the work that has it. */
export interface Turn {
  /** Whether others of the same user wait for one. */
  readonly isAwaited: boolean;
  /** Seconds for which the sender may send nothing while they do. */
  readonly awaitedSilenceS: number;
  /** Has this called whenever one more begins to wait, until the result is called. */
  whenAwaited(hurry: () => void): () => void;
}

interface Line {
  atWork: number;
  /** Those that wait, in the order in which they came: what begins each. */
  readonly waiting: Set<() => void>;
  /** What those at work want to have called when somebody begins to wait. */
  readonly hurries: Set<() => void>;
}

/** Turns by user, first come, first served. No user waits for another. */
export class UserTurns {
  readonly #rules: TurnRules;
  /** Of users of whom something is at work. */
  readonly #lines = new Map<number, Line>();

  constructor(rules: Partial<TurnRules> = {}) {
    this.#rules = { ...TURN_RULES, ...rules };
  }

  /**
   * Does the work once it is this user's turn, and gives the turn back when the work ends, however that is.
   * @param signal ends the waiting; of work that has begun it is the work's own affair
   * @throws FetchmlError quota-exceeded when too many wait already; what the signal was aborted with, and what the work throws
   */
  async run<T>(userId: number, signal: AbortSignal, work: (turn: Turn) => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    const line = this.#lineOf(userId);
    if (line.atWork < this.#rules.most) line.atWork += 1;
    else await this.#wait(line, signal);
    try {
      return await work(turnIn(line, this.#rules));
    } finally {
      this.#giveBack(userId, line);
    }
  }

  #lineOf(userId: number): Line {
    const found = this.#lines.get(userId);
    if (found !== undefined) return found;
    const line: Line = { atWork: 0, waiting: new Set(), hurries: new Set() };
    this.#lines.set(userId, line);
    return line;
  }

  #wait({ waiting, hurries }: Line, signal: AbortSignal): Promise<void> {
    if (waiting.size >= this.#rules.mostWaiting) throw tooMany(this.#rules);
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const begin = (): void => {
      leave();
      resolve(undefined);
    };
    const giveUp = (): void => {
      leave();
      reject(signal.reason);
    };
    const leave = (): void => {
      signal.removeEventListener("abort", giveUp);
      waiting.delete(begin);
    };
    waiting.add(begin);
    signal.addEventListener("abort", giveUp);
    for (const hurry of hurries) hurry();
    return promise;
  }

  /** Hands the turn to the first that waits: the number at work stays then. */
  #giveBack(userId: number, line: Line): void {
    const [first] = line.waiting;
    if (first !== undefined) {
      first();
      return;
    }
    line.atWork -= 1;
    if (line.atWork === 0) this.#lines.delete(userId);
  }
}

function turnIn({ waiting, hurries }: Line, { awaitedSilenceS }: TurnRules): Turn {
  return {
    get isAwaited() {
      return waiting.size > 0;
    },
    awaitedSilenceS,
    whenAwaited: (hurry) => {
      hurries.add(hurry);
      return () => void hurries.delete(hurry);
    },
  };
}

function tooMany({ most, mostWaiting, words }: TurnRules): FetchmlError {
  const { refused, many, instead } = words;
  return new FetchmlError(
    "quota-exceeded",
    `${refused}: ${most} ${many} of yours are at work, and ${mostWaiting} wait for their turn.\n${instead}, and try again when some have ended.`,
  );
}
