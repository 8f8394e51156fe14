// Reads the body of `POST /jobs/JOB/blobs`: the hashes of the files that are asked for.
import { FetchmlError } from "@fetchml/protocol";
import { BlobsRequest } from "@fetchml/protocol/schemas";
import { problemText } from "./params-problem.ts";
import { uploadBody, type UploadLimits } from "./upload-body.ts";

/** Most bytes of such a body: 60,000 hashes. */
const LIMIT_BYTES = 4 * 1024 ** 2;

/**
 * The hashes in a body, each once, in the order in which they stand there.
 * @throws FetchmlError invalid-params, too-large, and as {@link uploadBody} does
 */
export async function readBlobsRequest(
  request: Request,
  limits: Omit<UploadLimits, "limitBytes">,
): Promise<readonly string[]> {
  const parts: Uint8Array[] = [];
  const body = uploadBody(request, { ...limits, limitBytes: LIMIT_BYTES });
  for await (const part of body) parts.push(part);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(parts)));
  } catch {
    throw bad("it is not JSON");
  }
  const parsed = BlobsRequest.safeParse(value);
  if (!parsed.success) throw bad(problemText(parsed.error.issues, value));
  return [...new Set(parsed.data.hashes)];
}

function bad(why: string): FetchmlError {
  return new FetchmlError(
    "invalid-params",
    `Cannot read what files are asked for: ${why}. The body is like {"hashes": ["0123…"]}.`,
  );
}
