// What a row of the goal table is, and what it hands back.

/** What a figure has to reach; `null` fields bind nobody. */
export interface Goal {
  readonly atMost?: number | undefined;
  readonly atLeast?: number | undefined;
}

/** What was measured, of whom. */
export interface Measure {
  /** `FetchML`, `floor`, or a peer with its version. */
  readonly who: string;
  /** Which measurement of the row, as the table names it. */
  readonly what: string;
  readonly unit: "ms" | "µs" | "/s" | "MB" | "MB/s" | "s";
  readonly goal?: Goal | undefined;
  /** How it was done, where that differs from the row's words. */
  readonly note?: string | undefined;
}

/** A measure with one value for each repetition. */
export interface Figure extends Measure {
  readonly runs: readonly number[];
}

/** A point of a growth curve. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A growth curve. */
export interface Curve {
  /** File name of its plot, without the ending. */
  readonly plot: string;
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly series: string;
  readonly points: readonly Point[];
}

/** Somebody who could not be measured, and why. */
export interface Missing {
  readonly who: string;
  readonly reason: string;
}

/** What a row is handed. */
export interface Bench {
  /** Whether to do the least that still works, within seconds. */
  readonly isQuick: boolean;
  /** How many repetitions. */
  readonly rounds: number;
  /** A folder of the row's own, removed afterwards. */
  readonly folder: string;
  /** Adds the value of one repetition. */
  record(measure: Measure, value: number): void;
  /** Names somebody who cannot be measured. */
  miss(missing: Missing): void;
  /** Adds a point to a growth curve. */
  plot(curve: Omit<Curve, "points">, point: Point): void;
  /** Says on the error stream what goes on. */
  say(text: string): void;
}

/** One row of the table. */
export interface Row {
  /** Name on the command line; the file's name too. */
  readonly name: string;
  /** The row's words in the table of goals. */
  readonly title: string;
  measure(bench: Bench): Promise<void>;
}
