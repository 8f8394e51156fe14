// Draws growth curves as SVG: the size to the right in powers of ten, the cost upwards from zero, each point with its spread.
import { shown } from "./figure-text.ts";
import type { Curve } from "./row.ts";

const WIDTH = 640;
const HEIGHT = 340;
const LEFT = 78;
const RIGHT = 92;
const TOP = 48;
const BOTTOM = 58;

const LIGHT = ["#0b62a4", "#b3400a", "#15803d", "#7e22ce"] as const;
const DARK = ["#58a6ff", "#ff9b5e", "#56d364", "#d2a8ff"] as const;

/** Colours by the background that the reader has: a picture in a page follows the system's setting. */
const STYLE = `
.back { fill: #ffffff } .word { fill: #1f2328 } .quiet { fill: #59636e } .grid { stroke: #d1d9e0 }
.line { fill: none; stroke-width: 2 }
${seriesStyle(LIGHT)}
@media (prefers-color-scheme: dark) {
.back { fill: #0d1117 } .word { fill: #f0f6fc } .quiet { fill: #9198a1 } .grid { stroke: #3d444d }
${seriesStyle(DARK)}
}`;

function seriesStyle(colours: readonly string[]): string {
  return colours
    .map(
      (colour, index) =>
        `.s${index} .line { stroke: ${colour} } .s${index} .dot, .s${index} .name { fill: ${colour} }`,
    )
    .join("\n");
}

/** Draws curves with the same title and labels into one picture. Zero stands one power of ten before the smallest size. */
export function plotSvg(curves: readonly Curve[]): string {
  const [first] = curves;
  if (first === undefined) throw new Error("there is no curve to draw");
  const title = first.title.replaceAll("`", "");
  const points = curves.flatMap((curve) => curve.points);
  const xs = [...new Set(points.map(({ x }) => x))].toSorted((a, b) => a - b);
  const right = placesOf(xs);
  const highest = niceCeiling(Math.max(...points.map((point) => point.highest)));
  const up = (y: number): number => HEIGHT - BOTTOM - (y / highest) * (HEIGHT - TOP - BOTTOM);
  const foot = HEIGHT - BOTTOM;
  const parts = [
    text([LEFT, 24], title, 'class="word" font-size="14" font-weight="bold"'),
    text([LEFT, 41], first.yLabel, 'class="quiet"'),
    text(
      [WIDTH - RIGHT, HEIGHT - 12],
      `${first.xLabel}, powers of ten →`,
      'class="quiet" text-anchor="end"',
    ),
    ...[0, 0.25, 0.5, 0.75, 1].flatMap((share) => [
      `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${up(share * highest)}" y2="${up(share * highest)}"/>`,
      text(
        [LEFT - 10, up(share * highest) + 4],
        shown(share * highest),
        'class="word" text-anchor="end"',
      ),
    ]),
    ...xs.map((x) =>
      text([right(x), foot + 20], x.toLocaleString("en"), 'class="word" text-anchor="middle"'),
    ),
    ...curves.map((curve, index) => drawn(curve, index % 4)),
    ...namesOf(curves, up, right(xs.at(-1) ?? 0) + 10),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="system-ui, sans-serif" font-size="13">
<title>${escaped(title)}</title>
<style>${STYLE}
</style>
<rect class="back" width="${WIDTH}" height="${HEIGHT}" rx="6"/>
${parts.join("\n")}
</svg>
`;

  function drawn({ points: own }: Curve, index: number): string {
    const at = own.map(({ x, y }) => `${right(x).toFixed(1)},${up(y).toFixed(1)}`);
    const spreads = own.map(({ x, lowest, highest: top }) => {
      // Beside each other where two curves meet.
      const place = (right(x) + (index - (curves.length - 1) / 2) * 4).toFixed(1);
      return `<line class="line" x1="${place}" x2="${place}" y1="${up(lowest).toFixed(1)}" y2="${up(top).toFixed(1)}"/>`;
    });
    const dots = own.map(
      ({ x, y }) =>
        `<circle class="dot" cx="${right(x).toFixed(1)}" cy="${up(y).toFixed(1)}" r="3.5"/>`,
    );
    const line = `<polyline class="line" points="${at.join(" ")}"/>`;
    return `<g class="s${index}">\n${[line, ...spreads, ...dots].join("\n")}\n</g>`;
  }
}

/** Logarithmic from the smallest size above zero. */
function placesOf(xs: readonly number[]): (x: number) => number {
  const smallest = xs.find((x) => x > 0) ?? 1;
  const place = (x: number): number => Math.log10(Math.max(x, smallest / 10));
  const [from, to] = [place(xs[0] ?? 0), place(xs.at(-1) ?? 1)];
  return (x) => LEFT + ((place(x) - from) / Math.max(to - from, 1e-9)) * (WIDTH - LEFT - RIGHT);
}

/** The names of the series at their last points, moved apart where they would cover each other. */
function namesOf(
  curves: readonly Curve[],
  up: (y: number) => number,
  x: number,
): readonly string[] {
  const named = curves.map((curve, index) => ({
    series: curve.series,
    index: index % 4,
    y: up(curve.points.at(-1)?.y ?? 0) + 4,
  }));
  let above = -Infinity;
  return named
    .toSorted((a, b) => a.y - b.y)
    .map(({ series, index, y }) => {
      above = Math.max(y, above + 16);
      return `<g class="s${index}">${text([x, above], series, 'class="name"')}</g>`;
    });
}

/** Quarters of it read well. */
function niceCeiling(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(Math.max(value, 1e-9)));
  return (
    ([1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10].find((each) => each * unit >= value) ?? 10) * unit
  );
}

function text([x, y]: readonly [number, number], words: string, more: string): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${escaped(words)}</text>`;
}

function escaped(words: string): string {
  return words.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
