// A piece of a job's log on the wire.
import * as z from "zod/mini";

/**
 * Bytes of a log: as text where they are whole valid UTF-8, else as base64, so that no byte is lost.
 * Offsets count bytes from the start of the attempt's log.
 */
export const LogBytes = z.union([z.object({ text: z.string() }), z.object({ base64: z.string() })]);

export type LogBytes = z.infer<typeof LogBytes>;

/** One piece of the log of one attempt. */
export const LogChunk = z.object({
  job_id: z.int(),
  attempt: z.int(),
  offset: z.int(),
  next_offset: z.int(),
  bytes: LogBytes,
  /** Whether the attempt has ended and this chunk reaches the end of its log. */
  complete: z.boolean(),
});

export type LogChunk = z.infer<typeof LogChunk>;
