// What a job has left behind: the entries of an attempt's outputs, and how a whole list of them travels.
import * as z from "zod/mini";
import { BUNDLE_MOST_FILES } from "./output-headers.ts";

/** Why an entry is named and not given out. */
export const LEFT_OUT_REASONS = [
  /** Its name is not UTF-8. */
  "name-not-utf8",
  /** Its name holds an API key. */
  "name-holds-key",
  /** A device, a socket or a named pipe. */
  "not-a-file",
  /** A hard link to a file of another account. */
  "foreign-file",
  /** The server may not read it. */
  "unreadable",
  /** Its path is longer than the system takes. */
  "path-too-long",
] as const;

/** One of {@link LEFT_OUT_REASONS}. */
export type LeftOutReason = (typeof LEFT_OUT_REASONS)[number];

/** Relative to the folder of the outputs, with `/` between parts. A name in it may hold anything but `/` and NUL. */
const path = z.string().check(z.minLength(1));

/** One file, link, or thing that is not given out. */
export const OutputEntry = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("file"),
    path,
    size_bytes: z.int().check(z.gte(0)),
    /** Epoch milliseconds. */
    modified_at: z.int().check(z.gte(0)),
    executable: z.boolean(),
  }),
  z.object({
    kind: z.literal("symlink"),
    path,
    /** As it stands in the link; one that is absolute and leads into the same folder is told as a relative one. */
    target: z.string(),
  }),
  z.object({
    kind: z.literal("left-out"),
    /** For a person to read; bytes that are not UTF-8 stand as `\xNN`. */
    path,
    reason: z.enum(LEFT_OUT_REASONS),
  }),
]);

export type OutputEntry = z.infer<typeof OutputEntry>;

/** What one attempt has left, as far as it was looked at. */
export const AttemptOutputs = z.object({
  attempt: z.int(),
  /** Whether the attempt has ended, so that nothing more comes. */
  ended: z.boolean(),
  /** How many files there are, and their bytes together. */
  file_count: z.int(),
  size_bytes: z.int(),
  /** `false`: there is more, which was not counted. */
  complete: z.boolean(),
  /** The first ones. */
  entries: z.array(OutputEntry),
});

export type AttemptOutputs = z.infer<typeof AttemptOutputs>;

/** The body of `POST /jobs/JOB/outputs`, which asks for several small files at once. */
export const OutputsRequest = z.object({
  paths: z
    .array(z.string().check(z.minLength(1), z.maxLength(4096)))
    .check(z.maxLength(BUNDLE_MOST_FILES)),
});

/**
 * One line of `GET /jobs/JOB/outputs`, which answers JSON values with a line feed behind each: one `job`, then any number of
 * `entry`, then one `end`. Without the `end` the list is not whole.
 */
export type OutputLine =
  | {
      readonly line: "job";
      readonly job_id: number;
      readonly name: string;
      readonly attempts: readonly { readonly attempt: number; readonly ended: boolean }[];
    }
  | {
      readonly line: "entry";
      /** `null` for a checkpoint, which belongs to all attempts. */
      readonly attempt: number | null;
      readonly entry: OutputEntry;
    }
  /** `complete: false`: there are more entries than the server lists. */
  | { readonly line: "end"; readonly complete: boolean };
