// Lengths of time as people write them.

/**
 * Reads a length of time: whole or decimal numbers with a unit, largest unit first and none twice, with or without
 * spaces: `6h`, `90m`, `1d12h`, `2h 05m`, `1.5h`, `500ms`. Units: `w d h m s ms`. `0` needs none; any other number
 * without a unit is refused, because it could be seconds or minutes.
 *
 * @returns whole milliseconds, 0 to `Number.MAX_SAFE_INTEGER`; `null` for any other text
 */
export function parseDuration(text: string): number | null {
  const trimmed = text.trim();
  if (trimmed === "0") return 0;
  durationPattern ??= makeDurationPattern();
  const parts = durationPattern.exec(trimmed)?.slice(1);
  if (parts === undefined || trimmed === "") return null;
  let totalMs = 0;
  for (const [index, part] of parts.entries()) {
    totalMs += Number(part ?? 0) * (UNITS[index]?.[1] ?? 0);
  }
  const wholeMs = Math.round(totalMs);
  return Number.isSafeInteger(wholeMs) ? wholeMs : null;
}

/**
 * Writes a length of time short, in its two largest units, cut off and never rounded up: `3d 4h`, `2h 05m`, `1m 30s`,
 * `12s`, `350ms`. A second unit of zero is left out: `6h`. Fractions of a millisecond are cut off. `parseDuration`
 * reads the result, but for a negative one, which gets a `-`, and for `?`, which stands for what is not finite.
 */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return "?";
  const wholeMs = Math.trunc(ms);
  if (wholeMs === 0) return "0s";
  if (wholeMs < 0) return `-${formatDuration(-wholeMs)}`;
  if (wholeMs < SECOND) return `${wholeMs}ms`;
  if (wholeMs < MINUTE) return `${Math.trunc(wholeMs / SECOND)}s`;
  if (wholeMs < HOUR)
    return twoUnits(wholeMs, { ms: MINUTE, name: "m" }, { ms: SECOND, name: "s" });
  if (wholeMs < DAY) return twoUnits(wholeMs, { ms: HOUR, name: "h" }, { ms: MINUTE, name: "m" });
  return twoUnits(wholeMs, { ms: DAY, name: "d" }, { ms: HOUR, name: "h" });
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const UNITS: readonly (readonly [name: string, ms: number])[] = [
  ["w", 7 * DAY],
  ["d", DAY],
  ["h", HOUR],
  ["m", MINUTE],
  ["s", SECOND],
  ["ms", 1],
];

/** Made at the first use: it takes 0.2 ms, which whoever only writes durations does not pay. */
let durationPattern: RegExp | undefined;

function makeDurationPattern(): RegExp {
  const units = UNITS.map(([name]) => String.raw`(?:(\d{1,16}(?:\.\d{1,9})?)\s?${name}\s?)?`);
  return new RegExp(`^${units.join("")}$`);
}

interface Unit {
  readonly ms: number;
  readonly name: string;
}

function twoUnits(ms: number, large: Unit, small: Unit): string {
  const larges = Math.trunc(ms / large.ms);
  const smalls = Math.trunc((ms % large.ms) / small.ms);
  // Minutes and seconds get two digits, as on a clock; hours after days do not.
  const shown = large.name === "d" ? String(smalls) : String(smalls).padStart(2, "0");
  return smalls === 0 ? `${larges}${large.name}` : `${larges}${large.name} ${shown}${small.name}`;
}
