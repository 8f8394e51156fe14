// Reads a small request body as text, within its limit.
import { FetchmlError, MAX_REQUEST_BYTES } from "@fetchml/protocol";
import { uploadBody, type UploadLimits } from "./upload-body.ts";

/**
 * The body, of at most {@link MAX_REQUEST_BYTES}.
 * @throws FetchmlError too-large, parse-error (not UTF-8), bad-content (the sender has gone), and what the signal was aborted with
 */
export async function readRequestText(
  request: Request,
  limits: Omit<UploadLimits, "limitBytes">,
): Promise<string> {
  const announced = Number(request.headers.get("content-length") ?? 0);
  if (announced > MAX_REQUEST_BYTES) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of uploadBody(request, { ...limits, limitBytes: null })) {
    size += chunk.length;
    if (size > MAX_REQUEST_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new FetchmlError("parse-error", "The request is not valid UTF-8.");
  }
}

function tooLarge(): FetchmlError {
  return new FetchmlError(
    "too-large",
    `A request holds at most ${MAX_REQUEST_BYTES} bytes. Send several smaller ones; files go to /snapshots and /blobs.`,
  );
}
