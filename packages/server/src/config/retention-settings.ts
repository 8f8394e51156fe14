// How long and how much is kept of ended jobs, as the config file says it.
import * as z from "zod/mini";
import { parseDuration, parseSize } from "@fetchml/protocol";
import {
  DEFAULT_RETENTION,
  type DiskShare,
  type RetentionRules,
} from "../domain/retention-rules.ts";

/** A length of time, or `forever`, as `null`. */
const Keep = z.pipe(
  z.string().check(
    z.refine((text) => text === FOREVER || parseDuration(text) !== null, {
      error: 'expected a time such as "90d", or "forever"',
    }),
  ),
  z.transform((text) => (text === FOREVER ? null : parseDuration(text))),
);

const FOREVER = "forever";

/** A part of the disk: a size, or a percentage. */
const Share = z.pipe(
  z.string().check(
    z.refine((text) => parseShare(text) !== null, {
      error: 'expected a size such as "500G", or a part of the disk such as "80%"',
    }),
  ),
  z.transform((text) => parseShare(text) ?? { bytes: 0 }),
);

/** The keys of the config file about what is kept. Pinned jobs stay whole whatever they say. */
export const RetentionKeys = {
  /** How long the folder in which a job ran is kept after its end, or `forever`; sooner gone when room is short. Default 1d. */
  keep_work: z.optional(Keep),
  /** How long checkpoints are kept after the end of their job, or `forever`; later attempts have had them by then. Default 7d. */
  keep_checkpoints: z.optional(Keep),
  /** How long outputs are kept after the end of their job, or `forever`. Default 90d. */
  keep_outputs: z.optional(Keep),
  /** How long logs are kept after the end of their job, or `forever`. Default 90d. */
  keep_logs: z.optional(Keep),
  /** How long code is kept after the end of the last job that ran it, or `forever`; while there is room, what was sent less than a day ago stays. Default 90d. */
  keep_code: z.optional(Keep),
  /** How long what a `setup` made is kept after its last use, or `forever`. Default 30d. */
  keep_setups: z.optional(Keep),
  /** What all of that may take together: above it the oldest goes first. A size, or a part of the disk. Default 80%. */
  keep_size: z.optional(Share),
  /** With less free than that no job is taken and none starts, so that running ones have room. Default 5%, at most 2G. */
  min_free: z.optional(Share),
};

const RetentionFile = z.object(RetentionKeys);

/** The rules by which things are removed. */
export function retentionRules(file: z.infer<typeof RetentionFile>): RetentionRules {
  const { keepMs, keepSize } = DEFAULT_RETENTION;
  return {
    keepMs: {
      work: or(file.keep_work, keepMs.work),
      checkpoints: or(file.keep_checkpoints, keepMs.checkpoints),
      outputs: or(file.keep_outputs, keepMs.outputs),
      log: or(file.keep_logs, keepMs.log),
      code: or(file.keep_code, keepMs.code),
      setups: or(file.keep_setups, keepMs.setups),
    },
    keepSize: file.keep_size ?? keepSize,
  };
}

/** Of the settings, those by which things are removed, and how much is kept free. */
export interface DiskSettings {
  readonly retention: RetentionRules;
  /** `null`: a twentieth, at most 2 GiB. */
  readonly minFree: DiskShare | null;
}

/** The keys by which two of them differ, in the order of the documents. */
export function differingKeys(one: DiskSettings, other: DiskSettings): readonly string[] {
  const [here, there] = [byKey(one), byKey(other)];
  return Object.keys(here).filter(
    (key) => JSON.stringify(here[key]) !== JSON.stringify(there[key]),
  );
}

function byKey({ retention, minFree }: DiskSettings): Readonly<Record<string, unknown>> {
  const { keepMs, keepSize } = retention;
  return {
    keep_work: keepMs.work,
    keep_checkpoints: keepMs.checkpoints,
    keep_outputs: keepMs.outputs,
    keep_logs: keepMs.log,
    keep_code: keepMs.code,
    keep_setups: keepMs.setups,
    keep_size: keepSize,
    min_free: minFree,
  };
}

/** `null` is something said: for ever. */
function or(said: number | null | undefined, otherwise: number | null): number | null {
  return said === undefined ? otherwise : said;
}

function parseShare(text: string): DiskShare | null {
  const percent = /^(\d{1,3}(?:\.\d{1,3})?)\s?%$/.exec(text.trim())?.[1];
  if (percent !== undefined) {
    return Number(percent) <= 100 ? { fraction: Number(percent) / 100 } : null;
  }
  const bytes = parseSize(text);
  return bytes === null ? null : { bytes };
}
