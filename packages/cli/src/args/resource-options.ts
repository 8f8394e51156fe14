// Reads the options that say what a job needs.
import { parseDuration, parseSize } from "@fetchml/protocol";
import { parseBegin } from "./moment.ts";
import { countOf, parsedOf, textOf, type OptionValues } from "./option-values.ts";

/** What was asked for; what was not typed is missing. Times are epoch milliseconds. */
export interface ResourceRequest {
  readonly gpus?: number;
  readonly cpus?: number;
  readonly mem_bytes?: number;
  /** `null`: no limit. */
  readonly timeout_ms?: number | null;
  /** How long it may write nothing. */
  readonly no_output_ms?: number;
  readonly retries?: number;
  /** `null`: at any time. */
  readonly begin_at?: number | null;
}

/** Reads `--gpus`, `--cpus`, `--mem`, `--timeout`, `--retries`, `--begin`. @throws FetchmlError usage for a bad value */
export function readResourceOptions(options: OptionValues, now: number): ResourceRequest {
  const gpus = countOf(options, "gpus", { min: 0, max: 1024 });
  const cpus = countOf(options, "cpus", { min: 1, max: 65_536 });
  const mem = parsedOf(options, "mem", {
    parse: parseMemory,
    wanted: "a size of at least 1M, such as 16G or 512M, or 0",
  });
  const retries = countOf(options, "retries", { min: 0, max: 1000 });
  return {
    ...(gpus === null ? {} : { gpus }),
    ...(cpus === null ? {} : { cpus }),
    ...(mem === null ? {} : { mem_bytes: mem }),
    ...(retries === null ? {} : { retries }),
    ...timeoutOf(options),
    ...beginOf(options, now),
  };
}

function parseMemory(text: string): number | null {
  const bytes = parseSize(text);
  // Below that, a unit was forgotten.
  return bytes === null || (bytes > 0 && bytes < 1024 ** 2) ? null : bytes;
}

/** Shortest time that a job may be given, in milliseconds. */
const SHORTEST_TIMEOUT_MS = 1000;

function timeoutOf(options: OptionValues): Pick<ResourceRequest, "timeout_ms"> {
  if (textOf(options, "timeout") === "none") return { timeout_ms: null };
  const timeout = parsedOf(options, "timeout", {
    parse: parseTime,
    wanted: 'a time of at least 1s, such as 6h or 1h30m, or "none"',
  });
  return timeout === null ? {} : { timeout_ms: timeout };
}

/** Reads `--no-output`. @throws FetchmlError usage for a bad value */
export function readNoOutput(options: OptionValues): Pick<ResourceRequest, "no_output_ms"> {
  const silence = parsedOf(options, "no-output", {
    parse: parseTime,
    wanted: "a time of at least 1s, such as 30m",
  });
  return silence === null ? {} : { no_output_ms: silence };
}

function parseTime(text: string): number | null {
  const ms = parseDuration(text);
  return ms !== null && ms >= SHORTEST_TIMEOUT_MS ? ms : null;
}

function beginOf(options: OptionValues, now: number): Pick<ResourceRequest, "begin_at"> {
  if (textOf(options, "begin") === "now") return { begin_at: null };
  const begin = parsedOf(options, "begin", {
    parse: (text) => parseBegin(text, now),
    wanted: "22:00, 2026-12-01T08:00, +2h or now",
  });
  return begin === null ? {} : { begin_at: begin };
}
