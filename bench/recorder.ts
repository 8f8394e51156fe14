// Collects what a row measures.
import type { Bench, Curve, Figure, Measure, Missing, Point } from "./row.ts";

/** What a row has measured. */
export interface Recorded {
  readonly figures: readonly Figure[];
  readonly missing: readonly Missing[];
  readonly curves: readonly Curve[];
}

/** A bench that remembers. */
export interface Recorder extends Bench {
  recorded(): Recorded;
}

/** Begins with nothing. */
export function createRecorder(
  options: Pick<Bench, "isQuick" | "rounds" | "folder" | "say">,
): Recorder {
  const figures = new Map<string, Measure & { readonly runs: number[] }>();
  const curves = new Map<string, Omit<Curve, "points"> & { readonly points: Point[] }>();
  const missing = new Map<string, Missing>();
  return {
    ...options,
    record(measure, value) {
      const key = `${measure.who}\n${measure.what}`;
      const figure = figures.get(key) ?? { ...measure, runs: [] };
      figures.set(key, figure);
      figure.runs.push(value);
      options.say(`  ${measure.who}, ${measure.what}: ${value.toPrecision(4)} ${measure.unit}`);
    },
    miss(one) {
      missing.set(one.who, one);
      options.say(`  ${one.who} is missing: ${one.reason}`);
    },
    plot(curve, point) {
      const key = `${curve.plot}\n${curve.series}`;
      const drawn = curves.get(key) ?? { ...curve, points: [] };
      curves.set(key, drawn);
      drawn.points.push(point);
    },
    recorded: () => ({
      figures: [...figures.values()],
      missing: [...missing.values()],
      curves: [...curves.values()],
    }),
  };
}
