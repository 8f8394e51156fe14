// The admin's bounds on what a job may take, as the config file says them.
import * as z from "zod/mini";
import { parseDuration, parseSize } from "@fetchml/protocol";
import { DEFAULT_GUARDS, type GuardRules } from "../domain/guard-rules.ts";

const NONE = "none";

/** Shortest time that a job may be given. */
const SHORTEST_MS = 1000;

/** Below that, head and tail of a log would be too short to be of use, or a unit was forgotten. */
const SMALLEST_BYTES = 1024 ** 2;

/** A length of time of at least a second, or `none`, as `null`. */
const Time = bound("24h", (text) => parseDuration(text), SHORTEST_MS);

/** A size of at least a mebibyte, or `none`, as `null`. */
const Size = bound("1G", (text) => parseSize(text), SMALLEST_BYTES);

/** The keys of the config file about guards. A running server takes them on SIGHUP, for attempts that start from then on. */
export const GuardKeys = {
  /** Wall time of a job that asks for none. Default: the most there is, else none. */
  default_time: z.optional(Time),
  /** Wall time that no job may ask to go beyond. Default none. */
  max_time: z.optional(Time),
  /** A job that writes nothing for so long is ended; from half of that on it is warned of. Default none. */
  no_output: z.optional(Time),
  /** What one log may take on the disk: of a longer one head and tail are kept, or the head alone where `fallocate` cannot punch holes. Default 1G. */
  max_log: z.optional(Size),
  /**
   * What the folders of one attempt and its job's checkpoints may take together, as `du` counts it. Not counted: open files without
   * a name, a tree that takes over ten minutes to count, and, where the server is not root, folders that it cannot make readable for itself. Default none.
   */
  max_disk: z.optional(Size),
  /** Processes and threads of one attempt at the same time, where a sandbox can count them. Default 32,768. */
  max_processes: z.optional(z.int().check(z.gte(16), z.lte(4_194_304))),
};

const GuardFile = z.object(GuardKeys);

/** The rules that attempts are held to. */
export function guardRules(file: z.infer<typeof GuardFile>): GuardRules {
  return {
    defaultTimeMs: or(file.default_time, DEFAULT_GUARDS.defaultTimeMs),
    maxTimeMs: or(file.max_time, DEFAULT_GUARDS.maxTimeMs),
    noOutputMs: or(file.no_output, DEFAULT_GUARDS.noOutputMs),
    maxLogBytes: or(file.max_log, DEFAULT_GUARDS.maxLogBytes),
    maxDiskBytes: or(file.max_disk, DEFAULT_GUARDS.maxDiskBytes),
    processes: file.max_processes ?? DEFAULT_GUARDS.processes,
  };
}

/** `null` is something said: none. */
function or(said: number | null | undefined, otherwise: number | null): number | null {
  return said === undefined ? otherwise : said;
}

function bound(example: string, parse: (text: string) => number | null, smallest: number) {
  const isGood = (text: string) => text === NONE || (parse(text) ?? 0) >= smallest;
  const error = `expected at least ${smallest === SHORTEST_MS ? "1s" : "1M"}, such as "${example}", or "none"`;
  return z.pipe(
    z.string().check(z.refine(isGood, { error })),
    z.transform((text) => (text === NONE ? null : parse(text))),
  );
}
