// What a row of the goal table is, and what it hands back.

/** What a figure has to reach. */
export interface Goal {
  readonly atMost?: number | undefined;
  readonly atLeast?: number | undefined;
  /** Both are so many times the figure of this contender in the same measurement. */
  readonly timesOf?: string | undefined;
}

/** What was measured, of whom. */
export interface Measure {
  /** `FetchML`, `floor`, or a peer with its version. */
  readonly who: string;
  /** Which measurement of the row, as the table names it. */
  readonly what: string;
  readonly unit: "ms" | "µs" | "/s" | "B" | "MB" | "MB/s" | "s" | "";
  readonly goal?: Goal | undefined;
  /** Measurements of the row whose floor and peers say most, first of all, where there are none of this name. */
  readonly beside?: readonly string[] | undefined;
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
  /** The middle of the repetitions. */
  readonly y: number;
  readonly lowest: number;
  readonly highest: number;
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

/** Where in a growth curve a figure stands. */
export interface CurvePlace {
  readonly curve: Omit<Curve, "points">;
  readonly x: number;
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
  /** Adds the value of one repetition, which is also one of a growth curve where it is told which and at what x. */
  record(measure: Measure, value: number, place?: CurvePlace): void;
  /** Names somebody who cannot be measured. */
  miss(missing: Missing): void;
  /** Says on the error stream what goes on. */
  say(text: string): void;
}

/** One row of the table. */
export interface Row {
  /** Name on the command line; the file's name too. */
  readonly name: string;
  /** The row's words in the table of goals. */
  readonly title: string;
  /** Whether contenders stand side by side, a column each. Default one under the other, a line each. */
  readonly isWide?: boolean;
  measure(bench: Bench): Promise<void>;
}
