// The bytes of a log chunk, without the schema, for the command line.
import type { LogBytes } from "./log-chunk.ts";

/** The bytes of a chunk. */
export function logBytes(bytes: LogBytes): Buffer {
  return "text" in bytes ? Buffer.from(bytes.text, "utf8") : Buffer.from(bytes.base64, "base64");
}
