// Reads a small request body as text, within its limit.
import { FetchmlError, MAX_REQUEST_BYTES } from "@fetchml/protocol";

/**
 * The body, of at most {@link MAX_REQUEST_BYTES}.
 * @throws FetchmlError too-large, parse-error (not UTF-8)
 */
export async function readRequestText(request: Request): Promise<string> {
  const announced = Number(request.headers.get("content-length") ?? 0);
  if (announced > MAX_REQUEST_BYTES) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let size = 0;
  const body: AsyncIterable<Uint8Array> | null = request.body;
  for await (const chunk of body ?? []) {
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
