// The bytes of a log in the form in which they travel.
import { isUtf8 } from "node:buffer";
import type { LogBytes } from "@fetchml/protocol";

/** Text where all bytes are valid UTF-8, else base64, so that no byte is lost. */
export function toLogBytes(bytes: Buffer): LogBytes {
  return isUtf8(bytes) ? { text: bytes.toString("utf8") } : { base64: bytes.toString("base64") };
}
