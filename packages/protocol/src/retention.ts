// What is kept of ended jobs, what was removed of them, and what a collection of the disk's garbage reports.
import * as z from "zod/mini";

/** Epoch milliseconds; `null`: it is still kept, or there was nothing to remove. */
const RemovedAt = z.nullable(z.int().check(z.gte(0)));

/** When each part of an ended job was removed, for its age or to make room. */
export const RemovedFiles = z.object({
  /** The folder in which the command ran, and its temporary files. */
  work: RemovedAt,
  checkpoints: RemovedAt,
  outputs: RemovedAt,
  log: RemovedAt,
  /** The snapshot: its code. It comes back when the same project is sent again. */
  code: RemovedAt,
});

export type RemovedFiles = z.infer<typeof RemovedFiles>;

/** What a collection removes: parts of ended jobs, their code, and what nothing refers to. */
export const COLLECTED = [
  "work",
  "checkpoints",
  "outputs",
  "log",
  "code",
  "blobs",
  "uploads",
  "setups",
  "strays",
] as const;

/** The word for one kind of what a collection removes. */
export type Collected = (typeof COLLECTED)[number];

/** Things of one kind. `bytes` is what they take on the disk. */
const CollectedAmount = z.object({ kind: z.enum(COLLECTED), count: z.int(), bytes: z.int() });

/** One collection: what it has removed so far, or would remove. */
export const GcReport = z.object({
  /** Whether it only looks. */
  dry_run: z.boolean(),
  started_at: z.int(),
  /** `null` while it is under way. */
  ended_at: z.nullable(z.int()),
  /** By kind, those of which there is something. `bytes` is what the disk gets back. */
  removed: z.array(CollectedAmount),
  /**
   * What users have sent and no job names, and which stays for now, since a submit may be under way: it is younger than that, or an
   * upload relies on it. Missing: there is none.
   */
  kept_for_now: z.optional(z.object({ younger_than_ms: z.int(), what: z.array(CollectedAmount) })),
  /**
   * Keys of the server's config file about what is kept that it has not taken yet. A dry run goes by the file as it is now, a
   * collection by what the server has taken. Missing: none.
   */
  settings_not_taken: z.optional(z.array(z.string())),
  /** What could not be done, in words; the next collection tries again. */
  problems: z.array(z.string()),
});

export type GcReport = z.infer<typeof GcReport>;
