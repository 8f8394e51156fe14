// Collects what a row measures.
import type { Bench, Curve, CurvePlace, Figure, Missing } from "./row.ts";
import { median } from "./statistics.ts";

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

interface Placed {
  readonly figure: Figure & { readonly runs: number[] };
  readonly place: CurvePlace | undefined;
}

/** Begins with nothing. */
export function createRecorder(
  options: Pick<Bench, "isQuick" | "rounds" | "folder" | "say">,
): Recorder {
  const all = new Map<string, Placed>();
  const missing = new Map<string, Missing>();
  return {
    ...options,
    record(measure, value, place) {
      const key = `${measure.who}\n${measure.what}`;
      const placed = all.get(key) ?? { figure: { ...measure, runs: [] }, place };
      all.set(key, placed);
      placed.figure.runs.push(value);
      options.say(`  ${measure.who}, ${measure.what}: ${value.toPrecision(4)} ${measure.unit}`);
    },
    miss(one) {
      missing.set(one.who, one);
      options.say(`  ${one.who} is missing: ${one.reason}`);
    },
    recorded: () => ({
      figures: [...all.values()].map(({ figure }) => figure),
      missing: [...missing.values()],
      curves: curvesOf([...all.values()]),
    }),
  };
}

/** Each point is the middle of its repetitions, with the ends. */
function curvesOf(all: readonly Placed[]): readonly Curve[] {
  const curves = new Map<string, Curve>();
  for (const { place, figure } of all) {
    if (place === undefined) continue;
    const { runs } = figure;
    const key = `${place.curve.plot}\n${place.curve.series}`;
    const points = curves.get(key)?.points ?? [];
    const ends = { lowest: Math.min(...runs), highest: Math.max(...runs) };
    curves.set(key, {
      ...place.curve,
      points: [...points, { x: place.x, y: median(runs), ...ends }],
    });
  }
  return [...curves.values()];
}
