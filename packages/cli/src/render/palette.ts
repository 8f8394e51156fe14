// The colours of the output, and when there are none.
import type { Output } from "../output.ts";

/** Wraps text in a colour, or leaves it as it is. */
export type Paint = (text: string) => string;

/** What colours mean here. Each is the identity where colours are off. */
export interface Palette {
  readonly enabled: boolean;
  readonly bold: Paint;
  readonly dim: Paint;
  readonly good: Paint;
  readonly bad: Paint;
  readonly waiting: Paint;
}

/** The palette for one output: colours only on a terminal that has not been asked to do without. */
export function paletteFor(output: Output, wanted: boolean): Palette {
  return wanted && output.isTerminal ? COLOURS : NO_COLOURS;
}

const same: Paint = (text) => text;
/** No colours at all. */
export const NO_COLOURS: Palette = {
  enabled: false,
  bold: same,
  dim: same,
  good: same,
  bad: same,
  waiting: same,
};

const COLOURS: Palette = {
  enabled: true,
  bold: sgr(1, 22),
  dim: sgr(2, 22),
  good: sgr(32, 39),
  bad: sgr(31, 39),
  waiting: sgr(33, 39),
};

function sgr(on: number, off: number): Paint {
  return (text) => `\u001B[${on}m${text}\u001B[${off}m`;
}
