// Draws a growth curve as SVG: jobs to the right on a logarithmic scale, cost upwards from zero.
import type { Curve } from "./row.ts";

const WIDTH = 560;
const HEIGHT = 300;
const LEFT = 70;
const RIGHT = 110;
const TOP = 40;
const BOTTOM = 50;
const COLOURS = ["#0b62a4", "#c2410c", "#15803d", "#7e22ce"];

/** Draws curves with the same title and labels into one picture. Zero stands where one would. */
export function plotSvg(curves: readonly Curve[]): string {
  const [first] = curves;
  if (first === undefined) throw new Error("there is no curve to draw");
  const points = curves.flatMap((curve) => curve.points);
  const most = Math.max(...points.map(({ x }) => place(x)), 1e-9);
  const highest = niceCeiling(Math.max(...points.map(({ y }) => y)));
  const right = (x: number): number => LEFT + (place(x) / most) * (WIDTH - LEFT - RIGHT);
  const up = (y: number): number => HEIGHT - BOTTOM - (y / highest) * (HEIGHT - TOP - BOTTOM);
  const xs = [...new Set(points.map(({ x }) => x))].toSorted((a, b) => a - b);
  const parts = [
    text([WIDTH / 2, 20], first.title, 'text-anchor="middle" font-weight="bold"'),
    text([(LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10], first.xLabel, 'text-anchor="middle"'),
    ...[0, 0.5, 1].flatMap((share) => [
      `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${up(share * highest)}" y2="${up(share * highest)}" stroke="#ccc"/>`,
      text([LEFT - 8, up(share * highest) + 4], number(share * highest), 'text-anchor="end"'),
    ]),
    ...xs.map((x) => text([right(x), HEIGHT - BOTTOM + 18], number(x), 'text-anchor="middle"')),
    ...curves.flatMap((curve, index) => drawn(curve, COLOURS[index % COLOURS.length] ?? "#000")),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">
<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>
${parts.join("\n")}
</svg>
`;

  function drawn(curve: Curve, colour: string): readonly string[] {
    const line = curve.points.map(({ x, y }) => `${right(x).toFixed(1)},${up(y).toFixed(1)}`);
    const last = curve.points.at(-1);
    return [
      `<polyline points="${line.join(" ")}" fill="none" stroke="${colour}" stroke-width="2"/>`,
      ...curve.points.map(
        ({ x, y }) => `<circle cx="${right(x)}" cy="${up(y)}" r="3" fill="${colour}"/>`,
      ),
      last === undefined
        ? ""
        : text([right(last.x) + 8, up(last.y) + 4], curve.series, `fill="${colour}"`),
    ];
  }
}

function place(x: number): number {
  return Math.log10(Math.max(1, x));
}

function niceCeiling(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(Math.max(value, 1e-9)));
  return ([1, 2, 5, 10].find((each) => each * unit >= value) ?? 10) * unit;
}

function number(value: number): string {
  return value.toLocaleString("en", { maximumSignificantDigits: 3 });
}

function text([x, y]: readonly [number, number], words: string, more: string): string {
  const safe = words.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${safe}</text>`;
}
