// The answer that carries a file of a job: all of it, a part, the hash of its start, or its headers alone.
import {
  BUNDLE_LARGEST_FILE,
  FetchmlError,
  OUTPUT_HASH_PARAMETER,
  OUTPUT_MODIFIED_HEADER,
  OUTPUT_SIZE_HEADER,
  reprDigest,
} from "@fetchml/protocol";
import type { KeyHolder } from "../domain/principal.ts";
import type { OutputFile } from "../outputs/output-file.ts";
import {
  hashPieces,
  hashText,
  readHashedPieces,
  readPieces,
  readWhole,
  type OutputPieces,
} from "../outputs/read-output.ts";
import { streamedAnswer } from "./streamed-answer.ts";
import type { BunServer, Door } from "./door.ts";
import { errorAnswer, EVERY_ANSWER } from "./http-answer.ts";
import { wantedBytes } from "./output-range.ts";
import type { KeptHash } from "./sent-hashes.ts";

/** A request by somebody who was let in. */
export interface AskedOutput {
  readonly door: Door;
  readonly request: Request;
  readonly server: BunServer;
  readonly holder: KeyHolder;
}

/**
 * Answers with the file and sees to it that it is closed, at the latest when the answer has left.
 *
 * @param kept where the hash of the file is kept when it was sent whole; `null` where the hash is always that of another reading
 */
export async function answerFile(
  asked: AskedOutput,
  file: OutputFile,
  kept: KeptHash | null,
): Promise<Response> {
  try {
    return await answer(asked, file, kept);
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function answer(
  asked: AskedOutput,
  file: OutputFile,
  kept: KeptHash | null,
): Promise<Response> {
  const { request } = asked;
  const hashed = request.method === "HEAD" ? null : hashedBytes(request);
  if (hashed !== null) {
    const known = hashed === file.sizeBytes ? (kept?.find() ?? null) : null;
    if (known !== null) return knownHash(file, known);
    const head = { status: 200, headers: {} };
    return stream(asked, { type: JSON_TYPE, head, pieces: hashPieces(file, hashed) });
  }
  const { sizeBytes } = file;
  const headers = headersOf(file);
  const wanted = wantedBytes(request.headers, file);
  if (wanted.kind === "changed") return refused(file, 412, headers);
  if (wanted.kind === "beyond") {
    return refused(file, 416, { ...headers, "content-range": `bytes */${sizeBytes}` });
  }
  const { start, end } = wanted.kind === "part" ? wanted : { start: 0, end: sizeBytes };
  const status = wanted.kind === "part" ? 206 : 200;
  const range = { "content-range": `bytes ${start}-${end - 1}/${sizeBytes}` };
  const head = { status, headers: status === 206 ? { ...headers, ...range } : headers };
  if (request.method === "HEAD") {
    await file.close();
    const length = { "content-length": String(end - start), "content-type": BYTES };
    return new Response(null, { status, headers: { ...EVERY_ANSWER, ...head.headers, ...length } });
  }
  // Read in one go, and its hash comes along.
  if (status === 200 && sizeBytes <= BUNDLE_LARGEST_FILE) {
    const small = await smallAnswer(file, headers);
    if (small !== null) return small;
  }
  const pieces =
    status === 200 && kept !== null
      ? readHashedPieces(file, (sha256) => kept.keep(sha256))
      : readPieces(file, { start, end });
  return stream(asked, { type: BYTES, head, pieces });
}

const BYTES = "application/octet-stream";
const JSON_TYPE = "application/json";

async function knownHash(file: OutputFile, sha256: string): Promise<Response> {
  await file.close();
  return new Response(hashText({ sha256, size_bytes: file.sizeBytes }), {
    headers: { ...EVERY_ANSWER, "content-type": JSON_TYPE },
  });
}

function headersOf({ sizeBytes, modifiedAt, etag }: OutputFile): Record<string, string> {
  return {
    etag,
    "accept-ranges": "bytes",
    // What a job has written is never a page of this server's.
    "content-disposition": "attachment",
    "last-modified": new Date(modifiedAt).toUTCString(),
    [OUTPUT_SIZE_HEADER]: String(sizeBytes),
    [OUTPUT_MODIFIED_HEADER]: String(modifiedAt),
  };
}

/** `null` when the file has just changed. */
async function smallAnswer(
  file: OutputFile,
  headers: Readonly<Record<string, string>>,
): Promise<Response | null> {
  const content = await readWhole(file);
  if (content === null) return null;
  await file.close();
  const sha256 = new Bun.CryptoHasher("sha256").update(content).digest("hex");
  return new Response(content, {
    headers: {
      ...EVERY_ANSWER,
      ...headers,
      "content-type": BYTES,
      "repr-digest": reprDigest(sha256),
    },
  });
}

function stream(
  { door, request, server, holder }: AskedOutput,
  sent: {
    readonly type: string;
    readonly head: { readonly status: number; readonly headers: Readonly<Record<string, string>> };
    readonly pieces: OutputPieces;
  },
): Promise<Response> {
  const { type, head, pieces } = sent;
  const open = () => Promise.resolve(pieces);
  return streamedAnswer(door, { holder, request, server, type, head, open });
}

async function refused(
  file: OutputFile,
  status: number,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  await file.close();
  const why =
    status === 412
      ? "The file is no longer the one that was asked for."
      : "The file is shorter than where it was to be read from.";
  const { body } = errorAnswer(new FetchmlError("conflict", why));
  const type = { "content-type": JSON_TYPE };
  return new Response(body, { status, headers: { ...EVERY_ANSWER, ...headers, ...type } });
}

/** How many first bytes the hash is wanted of; `null` when it is the content that is wanted. */
function hashedBytes({ url }: Request): number | null {
  const text = URL.parse(url, "http://localhost")?.searchParams.get(OUTPUT_HASH_PARAMETER) ?? null;
  if (text === null) return null;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new FetchmlError(
    "invalid-params",
    `"${OUTPUT_HASH_PARAMETER}" is a number of bytes: the hash is that of so many first bytes of the file.`,
  );
}
