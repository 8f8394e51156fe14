// Amounts of memory and disk as people write them.

/**
 * Reads a size: a number of bytes, or a whole or decimal number with a unit in either case: `16G`, `512M`, `200 MiB`,
 * `1.5T`, `64KB`, `100 B`, `1048576`. Units `K M G T P` are powers of 1024, with or without `iB` or `B` behind, as in
 * Slurm and systemd: `1 GB` is 1,073,741,824 bytes. A result that is no whole number is rounded to the nearest byte.
 *
 * @returns bytes, 0 to `Number.MAX_SAFE_INTEGER`; `null` for any other text, also for a fraction without a unit
 */
export function parseSize(text: string): number | null {
  const match = SIZE.exec(text.trim());
  if (match === null) return null;
  const [, digits = "", unit = ""] = match;
  const power = unit === "" ? 0 : UNITS.indexOf(unit.toUpperCase());
  if (power === 0 && digits.includes(".")) return null;
  const bytes = Math.round(Number(digits) * 1024 ** power);
  return Number.isSafeInteger(bytes) ? bytes : null;
}

/**
 * Writes a number of bytes short, in powers of 1024, with one digit after the point unless it is a zero: `512 B`,
 * `1.2 GiB`, `16 GiB`. `parseSize` reads the result, at most 5 % off, but for a negative one, which gets a `-`, and
 * for `?`, which stands for what is not finite.
 */
export function formatSize(bytes: number): string {
  if (!Number.isFinite(bytes)) return "?";
  let amount = Math.round(bytes);
  if (amount < 0) return `-${formatSize(-amount)}`;
  let power = 0;
  // Compared as it will be shown, so that 1023.96 KiB becomes 1 MiB and never 1024 KiB.
  while (Math.round(amount * 10) >= 10_240 && power < UNITS.length - 1) {
    amount /= 1024;
    power += 1;
  }
  const unit = UNITS[power];
  return power === 0 ? `${amount} B` : `${Math.round(amount * 10) / 10} ${unit}iB`;
}

const UNITS: readonly string[] = ["", "K", "M", "G", "T", "P"];

const SIZE = /^(\d{1,16}(?:\.\d{1,9})?)\s?(?:([KMGTP])(?:iB|B)?|B)?$/i;
